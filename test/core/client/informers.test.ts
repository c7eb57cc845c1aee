import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { Node, Pod } from '../../../src/core/api/kinds/index.ts';
import { keyOf, type Stored } from '../../../src/core/api/object.ts';
import { internalError } from '../../../src/core/api/status.ts';
import { textLog } from '../../../src/core/async/log.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { Client } from '../../../src/core/client/client.ts';
import type { Change, Informer } from '../../../src/core/client/informer.ts';
import { createInformers } from '../../../src/core/client/informers.ts';
import { settle, virtualClock } from '../../helpers/clock.ts';
import { FakeServer } from '../../helpers/fake-server.ts';
import { pod } from '../../helpers/objects.ts';

function setUp(...names: string[]) {
  const server = new FakeServer();
  for (const name of names) server.put(pod(name));
  const clock = virtualClock();
  const lines: string[] = [];
  const log = textLog((line) => lines.push(line), clock.now);
  const informers = createInformers(new Client(server), { clock, random: seededRandom(1), log });
  const verbs = () => server.requests.map((r) => r.verb);
  return { server, clock, lines, informers, verbs };
}

/** `+a ~a -a` for added, modified, deleted. */
function record(informer: Informer<Pod>): string[] {
  const seen: string[] = [];
  const signs = { added: '+', modified: '~', deleted: '-' };
  informer.subscribe(({ type, object }) => seen.push(signs[type] + object.metadata.name));
  return seen;
}

const names = (pods: Iterable<Stored<Pod>>) => [...pods].map((p) => p.metadata.name).sort();
const onNode = (p: Stored<Pod>) => [p.spec.nodeName ?? ''];

test('is synced when the first list is in, and follows from there', async () => {
  const { server, informers } = setUp('a');
  const informer = informers.for(Pod);
  const seen = record(informer);
  assert.equal(informer.hasSynced, false);

  await informer.synced();
  server.put(pod('b'));
  server.put(pod('a'));
  server.remove('default/b');
  await settle();

  assert.equal(informer.hasSynced, true);
  assert.deepEqual(seen, ['+a', '+b', '~a', '-b']);
  assert.equal(informer.get('default', 'a')?.metadata.resourceVersion, '4');
  assert.equal(informer.size, 1);
  await informers.stop();
});

test('a change hands over the object before and after', async () => {
  const { server, informers } = setUp('a');
  const informer = informers.for(Pod);
  const changes: Change<Pod>[] = [];
  await informer.synced();
  informer.subscribe((change) => changes.push(change));

  server.put(pod('a', { status: { phase: 'Running' } }));
  server.remove('default/a');
  await settle();

  const phases = changes.map((c) => [c.type, c.old?.status?.phase, c.object.status?.phase]);
  assert.deepEqual(phases, [
    ['added', undefined, 'Pending'],
    ['modified', 'Pending', 'Running'],
    ['deleted', undefined, 'Running'],
  ]);
  await informers.stop();
});

test('whoever asks for the same selection shares one cache; another selection gets its own', async () => {
  const { informers, verbs, server } = setUp('a');

  informers.for(Pod);
  informers.for(Pod, { indexers: { node: onNode } });
  informers.for(Pod, { namespace: 'default' });
  informers.for(Pod, { labelSelector: 'app=web' });
  informers.for(Node);
  await informers.synced();
  await settle();

  assert.equal(verbs().filter((v) => v === 'list').length, 4);
  assert.equal(server.openWatches, 4);
  await informers.stop();
  assert.equal(server.openWatches, 0);
});

test('indexes follow changes, each caller under names of its own', async () => {
  const { server, informers } = setUp();
  server.put(pod('a', { spec: { nodeName: 'n1' } }));
  server.put(pod('b'));
  const first = informers.for(Pod, { indexers: { node: onNode } });
  await first.synced();
  const second = informers.for(Pod, { indexers: { node: (p) => [p.metadata.name] } });

  server.put(pod('b', { spec: { nodeName: 'n1' } }));
  server.put(pod('c', { spec: { nodeName: 'n2' } }));
  server.put(pod('a', { spec: { nodeName: 'n2' } }));
  server.remove('default/c');
  await settle();

  assert.deepEqual(names(first.byIndex('node', 'n1')), ['b']);
  assert.deepEqual(names(first.byIndex('node', 'n2')), ['a']);
  assert.deepEqual(names(first.byIndex('node', '')), []);
  assert.deepEqual(names(second.byIndex('node', 'a')), ['a'], 'filled from what was in the cache');
  assert.throws(() => first.byIndex('nodes', 'n1'), /no index nodes; this informer has: node/);
  await informers.stop();
});

test('a handler that throws is reported and keeps nothing from the others', async () => {
  const { server, informers, lines } = setUp('a');
  const informer = informers.for(Pod);
  informer.subscribe(() => {
    throw new Error('broken handler');
  });
  const seen = record(informer);
  await informer.synced();

  server.put(pod('b'));
  await settle();

  assert.deepEqual(seen, ['+a', '+b']);
  assert.equal(lines.filter((line) => line.includes('broken handler')).length, 2);
  await informers.stop();
});

test('a subscriber sees what is there first, and nothing after it left', async () => {
  const { server, informers } = setUp('a', 'b');
  const informer = informers.for(Pod);
  await informer.synced();
  const seen: string[] = [];

  const leave = informer.subscribe(({ object }) => seen.push(object.metadata.name));
  leave();
  server.put(pod('c'));
  await settle();

  assert.deepEqual(seen, ['a', 'b']);
  await informers.stop();
});

test('goes on where a watch ended, without listing again', async () => {
  const { server, clock, informers, verbs } = setUp('a');
  const seen = record(informers.for(Pod));
  await informers.synced();
  server.put(pod('b'));
  await settle();

  server.disconnect(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  server.put(pod('c'));
  await clock.advance(1_000);

  assert.deepEqual(seen, ['+a', '+b', '+c']);
  assert.deepEqual(verbs(), ['list', 'watch', 'watch']);
  assert.equal(server.requests[2]?.options?.resourceVersion, '3');
  await informers.stop();
});

test('a bookmark saves a quiet watch from listing again', async () => {
  const { server, clock, informers, verbs } = setUp('a');
  informers.for(Pod, { namespace: 'quiet' });
  await informers.synced();
  for (let i = 0; i < 10; i++) server.put(pod('a'));
  await settle();

  server.bookmark();
  await settle();
  server.compact();
  server.disconnect();
  await clock.advance(1_000);

  assert.deepEqual(verbs(), ['list', 'watch', 'watch']);
  await informers.stop();
});

test('lists again when history is gone, and says what vanished, changed and came meanwhile', async () => {
  const { server, clock, informers, verbs } = setUp('same', 'changed', 'gone', 'replaced');
  const seen = record(informers.for(Pod));
  await informers.synced();

  server.disconnect();
  server.put(pod('changed'));
  server.remove('default/gone');
  server.remove('default/replaced');
  server.put(pod('replaced'));
  server.put(pod('new'));
  server.compact();
  await clock.advance(5_000);

  assert.deepEqual(seen.splice(0, 4), ['+same', '+changed', '+gone', '+replaced']);
  assert.deepEqual(seen, ['-gone', '~changed', '-replaced', '+replaced', '+new']);
  assert.deepEqual(verbs(), ['list', 'watch', 'watch', 'list', 'watch']);
  await informers.stop();
});

test('a server in trouble is asked again with growing pauses, and the log says it once', async () => {
  const { server, clock, lines, informers } = setUp('a');
  const at: number[] = [];
  server.fault = () => {
    at.push(clock.monotonic());
    throw internalError('no disk');
  };
  const informer = informers.for(Pod);
  await clock.advance(60_000);

  const gaps = at.slice(1).map((t, i) => t - at[i]!);
  assert.ok(gaps[0]! <= 200 && gaps.at(-1)! >= 5_000 && gaps.length < 20, `${gaps.map(Math.round)}`);
  assert.equal(lines.length, 1);
  assert.equal(informer.hasSynced, false);

  server.fault = () => {};
  await clock.advance(15_000);
  server.put(pod('b'));
  await settle();

  assert.deepEqual(names(informer.list()), ['a', 'b']);
  assert.match(lines[1]!, /pods: watching again after \d+ failed tries/);
  await informers.stop();
});

test('a server that ends each watch at once does not make it spin', async () => {
  const { server, clock, informers, verbs } = setUp('a');
  server.watch = (request) => {
    server.requests.push(request);
    return Readable.from([]);
  };
  informers.for(Pod);

  await clock.advance(30_000);

  assert.ok(verbs().length < 15, `${verbs().length} requests in 30 s`);
  await informers.stop();
});

test('those who wait for an informer that is stopped are told', async () => {
  const { server, clock, informers } = setUp('a');
  server.fault = () => {
    throw internalError('no');
  };
  const informer = informers.for(Pod);
  const waiting = assert.rejects(informer.synced(), { name: 'InformersStoppedError' });
  await clock.advance(100);

  await informers.stop();

  await waiting;
  await assert.rejects(informers.synced(), { name: 'InformersStoppedError' });
  assert.throws(() => informers.for(Pod), { name: 'InformersStoppedError' });
  assert.equal(clock.pending, 0);
});

/** What a handler has seen must be a possible life of each object, and its end the truth. */
class Witness {
  readonly alive = new Map<string, Stored<Pod>>();
  see({ type, object, old }: Change<Pod>): void {
    const key = keyOf(object);
    const known = this.alive.get(key);
    if (type === 'added') assert.equal(known, undefined, `${key} added twice`);
    else assert.ok(known, `${key} ${type} before it was added`);
    if (type === 'modified') {
      assert.equal(old, known);
      assert.ok(Number(object.metadata.resourceVersion) > Number(known?.metadata.resourceVersion), 'time runs forward');
      assert.equal(object.metadata.uid, known?.metadata.uid, 'another object of that name needs an end and a start');
    }
    if (type === 'deleted') this.alive.delete(key);
    else this.alive.set(key, object);
  }
}

test('whatever breaks, the cache ends up equal to the server and handlers saw a consistent story', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('put' as const), name, fc.constantFrom('n1', 'n2')) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('remove' as const), name) },
    { weight: 2, arbitrary: fc.constantFrom(['break'] as const, ['end'] as const) },
    { weight: 2, arbitrary: fc.constantFrom(['compact'] as const, ['bookmark'] as const) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('refuse' as const), fc.integer({ min: 1, max: 4 })) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('wait' as const), fc.constantFrom(0, 50, 3_000)) },
  );

  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const { server, clock, lines, informers } = setUp('a', 'b');
      const informer = informers.for(Pod, { indexers: { node: onNode } });
      const witness = new Witness();
      informer.subscribe((change) => witness.see(change));

      for (const [what, argument, node] of actions) {
        if (what === 'put') server.put(pod(argument, { spec: { nodeName: node } }));
        else if (what === 'remove') server.remove(`default/${argument}`);
        else if (what === 'break') server.disconnect(new Error('socket hang up'));
        else if (what === 'end') server.disconnect();
        else if (what === 'compact') server.compact();
        else if (what === 'bookmark') server.bookmark();
        else if (what === 'wait') await clock.advance(argument);
        else if (what === 'refuse') {
          let left = argument;
          server.fault = () => {
            if (left-- > 0) throw internalError('refused');
          };
        }
      }
      await clock.advance(60_000);

      const truth = [...server.objects.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      const cached = [...informer.list()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      assert.deepEqual(cached, truth);
      assert.deepEqual(new Set(witness.alive.values()), new Set(cached));
      for (const node of ['n1', 'n2']) {
        const filed = [...informer.byIndex('node', node)];
        assert.deepEqual(new Set(filed), new Set(cached.filter((p) => p.spec.nodeName === node)));
      }
      assert.ok(!lines.some((line) => line.includes('handler of')), lines.join(''));
      await informers.stop();
    }),
    { numRuns: 400 },
  );
});
