/**
 * What every Transport promises: the same calls give the same answers, errors and streams, whichever way they reach the
 * API server. A transport's test calls transportContract with a way to open it to a server.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ConfigMap, Lease, Namespace, Node, Pod } from '../../src/core/api/kinds/index.ts';
import type { Draft, KubeList, Stored, WatchEvent } from '../../src/core/api/object.ts';
import type { RequestOptions, Term } from '../../src/core/api/request.ts';
import { badRequest } from '../../src/core/api/status.ts';
import { type ApiServer, createApiServer } from '../../src/core/apiserver/index.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { seededRandom } from '../../src/core/async/random.ts';
import { Client } from '../../src/core/client/client.ts';
import type { Transport } from '../../src/core/client/transport.ts';
import { openEmbeddedStore, type Store } from '../../src/core/store/index.ts';
import { type VirtualClock, virtualClock } from '../helpers/clock.ts';

const never = new AbortController().signal;

const podOf = (name: string, labels: Record<string, string> = {}): Draft<Pod> => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default', labels },
  spec: { containers: [{ name: 'main', image: 'busybox' }] },
});

/** `ADDED web` for each event, until as many have come. */
async function take(events: AsyncIterable<WatchEvent<Pod>>, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const { type, object } of events) {
    seen.push(`${type} ${object.metadata.name}`);
    if (seen.length === count) break;
  }
  return seen;
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
}

/** A kubelet whose containers say their own name, again and again when followed. */
async function* containerLogs(pod: string, follow: boolean, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (pod === 'broken') throw badRequest('container "main" in pod "broken" is waiting to start');
  do {
    yield Buffer.from(`${pod} – läuft\n`);
    await new Promise((resolve) => setImmediate(resolve));
  } while (follow && !signal.aborted);
}

export function transportContract(name: string, open: (server: ApiServer) => Promise<Transport>): void {
  describe(`transport contract: ${name}`, () => {
    let clock: VirtualClock;
    let store: Store;
    let server: ApiServer;
    let transport: Transport;
    let client: Client;
    let followersGone = 0;

    beforeEach(async () => {
      clock = virtualClock();
      store = await openEmbeddedStore({ clock, log: silentLog });
      const nodeConnection = () => ({
        async *logs(_: string, pod: string, { follow = false }: { follow?: boolean }, signal: AbortSignal) {
          try {
            yield* containerLogs(pod, follow, signal);
          } finally {
            followersGone++;
          }
        },
      });
      const deps = { store, clock, random: seededRandom(1), log: silentLog };
      server = await createApiServer({ ...deps, portalNet: '10.0.0.0/24', nodeConnection });
      transport = await open(server);
      client = new Client(transport);
      followersGone = 0;
    });
    afterEach(async () => {
      await transport?.close();
      await server?.close();
      await store?.close();
    });

    const create = (name: string, labels?: Record<string, string>) => client.create(Pod, podOf(name, labels));
    /** What happens to pods of the default namespace after `resourceVersion`. */
    const watchFrom = (resourceVersion: string, signal = never, options: RequestOptions = {}) =>
      client.watch(Pod, 'default', { resourceVersion, ...options }, signal);
    const now = async () => (await client.list(Pod)).metadata.resourceVersion!;

    describe('calls', () => {
      test('what was created is answered with what the server filled in, and read the same', async () => {
        const draft = podOf('web');
        draft.metadata = { ...draft.metadata, annotations: { note: 'größer ☃' } };
        const created = await client.create(Pod, draft);
        const read = await client.get(Pod, 'default', 'web');

        assert.equal(created.metadata.annotations?.['note'], 'größer ☃');
        assert.equal(created.spec.restartPolicy, 'Always');
        assert.equal(created.status.phase, 'Pending');
        assert.ok(created.metadata.uid && created.metadata.resourceVersion && created.metadata.creationTimestamp);
        assert.deepEqual(read, created);
      });

      test('a list holds whole objects with their kind, and where to watch from', async () => {
        const web = await create('web');
        await create('db');

        const { kind, apiVersion, metadata, items } = await client.list(Pod);

        assert.deepEqual([kind, apiVersion], ['PodList', 'v1']);
        assert.ok(Number(metadata.resourceVersion) >= Number(items[0]?.metadata.resourceVersion));
        assert.deepEqual(
          items.map((p) => p.metadata.name),
          ['db', 'web'],
        );
        assert.deepEqual(items[1], web);
        assert.equal(items[1]?.kind, 'Pod');
      });

      test('selectors and pages', async () => {
        await create('a', { tier: 'front' });
        await create('b', { tier: 'back' });
        await create('c', { tier: 'front' });

        const front = await client.list(Pod, 'default', { labelSelector: 'tier in (front)' });
        const named = await client.list(Pod, '', { fieldSelector: 'metadata.name!=a' });
        const first = await client.list(Pod, 'default', { limit: 2 });
        const rest = await client.list(Pod, 'default', { limit: 2, continue: first.metadata.continue! });

        const names = (list: KubeList<Pod>) => list.items.map((p) => p.metadata.name).join(' ');
        assert.deepEqual([front, named, first, rest].map(names), ['a c', 'b c', 'a b', 'c']);
        assert.equal(first.metadata.remainingItemCount, 1);
      });

      test('a Table instead of the objects', async () => {
        await create('web');
        const request = { verb: 'list', kind: Pod, namespace: 'default', options: { as: 'Table' } } as const;

        const table = (await transport.send(request)) as { kind: string; rows: { cells: unknown[] }[] };

        assert.equal(table.kind, 'Table');
        assert.deepEqual(table.rows[0]?.cells.slice(0, 3), ['web', '0/1', 'Pending']);
      });

      test('updates are checked against the version they were made from', async () => {
        const old = await create('web');
        const change = (color: string) => ({ ...old, metadata: { ...old.metadata, labels: { color } } });
        await client.update(Pod, change('red'));

        await assert.rejects(client.update(Pod, change('blue')), { name: 'ApiError', reason: 'Conflict', code: 409 });
        assert.equal((await client.get(Pod, 'default', 'web')).metadata.labels?.['color'], 'red');
      });

      test('patches, and status on its own endpoint', async () => {
        const pod = await create('web');

        await client.patch(Pod, 'default', 'web', { metadata: { labels: { color: 'red' } } });
        await client.patch(Pod, 'default', 'web', { status: { phase: 'Running' } }, { subresource: 'status' });
        await assert.rejects(client.updateStatus(Pod, pod), { reason: 'Conflict' });

        const { metadata, status } = await client.get(Pod, 'default', 'web');
        assert.deepEqual(metadata.labels, { color: 'red' });
        assert.equal(status.phase, 'Running');
      });

      test('cluster-scoped kinds have no namespace', async () => {
        await client.create(Node, { metadata: { name: 'core-01' } });

        assert.equal((await client.get(Node, '', 'core-01')).metadata.name, 'core-01');
        assert.ok((await client.list(Namespace)).items.some((n) => n.metadata.name === 'default'));
      });

      test('a binding assigns a pod, once', async () => {
        await create('web');

        await client.bind(Pod, 'default', 'web', 'core-01');

        assert.equal((await client.get(Pod, 'default', 'web')).spec.nodeName, 'core-01');
        await assert.rejects(client.bind(Pod, 'default', 'web', 'core-02'), { reason: 'Conflict' });
      });

      test('delete takes its options along', async () => {
        const web = await create('web');
        await client.bind(Pod, 'default', 'web', 'core-01');
        const wrong = client.delete(Pod, 'default', 'web', { preconditions: { uid: 'another' } });
        await assert.rejects(wrong, { reason: 'Conflict' });

        const dying = (await client.delete(Pod, 'default', 'web', { gracePeriodSeconds: 7 })) as Stored<Pod>;
        assert.equal(dying.metadata.uid, web.metadata.uid);
        assert.equal(dying.metadata.deletionGracePeriodSeconds, 7);
        await client.delete(Pod, 'default', 'web', { gracePeriodSeconds: 0 });

        await assert.rejects(client.get(Pod, 'default', 'web'), { reason: 'NotFound' });
      });

      test('a dry run answers and changes nothing', async () => {
        const web = await client.create(Pod, podOf('web'), { dryRun: true });
        await create('db');
        await client.delete(Pod, 'default', 'db', { dryRun: true });

        assert.equal(web.metadata.name, 'web');
        const left = await client.list(Pod);
        assert.deepEqual(
          left.items.map((p) => p.metadata.name),
          ['db'],
        );
      });

      test('errors carry the whole Status', async () => {
        await assert.rejects(client.get(Pod, 'default', 'web'), {
          name: 'ApiError',
          message: 'pods "web" not found',
          status: {
            kind: 'Status',
            apiVersion: 'v1',
            metadata: {},
            status: 'Failure',
            message: 'pods "web" not found',
            reason: 'NotFound',
            details: { name: 'web', kind: 'pods' },
            code: 404,
          },
        });
        await create('web');
        await assert.rejects(create('web'), { reason: 'AlreadyExists', code: 409 });
        await assert.rejects(create('Not_A_Name'), (error: { status?: { details?: { causes?: unknown[] } } }) => {
          assert.deepEqual(Object.keys((error.status?.details?.causes?.[0] ?? {}) as object).sort(), [
            'field',
            'message',
            'reason',
          ]);
          return true;
        });
      });

      test('paths that are no resources', async () => {
        assert.equal(await transport.raw('/healthz'), 'ok');
        assert.match(((await transport.raw('/version')) as { gitVersion: string }).gitVersion, /^v\d/);
        await assert.rejects(transport.raw('/nothing/here'), { name: 'ApiError', reason: 'NotFound' });
      });

      test('writes of a term that is not there, or is over, are refused', async () => {
        const lease = { metadata: { name: 'role', namespace: 'default' }, spec: { holderIdentity: 'me' } };
        await client.create(Lease, lease);
        const term = { namespace: 'default', name: 'role', holder: 'me', transitions: 0 };
        const write = (text: string, change: Partial<Term> = {}) =>
          client.create(
            ConfigMap,
            { metadata: { name: text, namespace: 'default' } },
            { term: { ...term, ...change } },
          );
        await write('in-term');
        for (const change of [{ name: 'other' }, { holder: 'you' }, { transitions: 1 }]) {
          await assert.rejects(write('late', change), { reason: 'Conflict', message: /its term is over/ });
        }
        await client.patch(Lease, 'default', 'role', { spec: { holderIdentity: 'you' } });
        await assert.rejects(write('late'), { message: /its term is over for me: you holds the lease/ });
      });

      test('downloads come in pieces', async () => {
        const download = async (path: string) => {
          const pieces: Uint8Array[] = [];
          for await (const piece of transport.download(path, AbortSignal.timeout(10_000))) pieces.push(piece);
          return Buffer.concat(pieces).toString();
        };
        assert.equal(await download('/healthz'), 'ok');
        assert.match(await download('/kubecfg/snapshot'), /^{"snapshot":"kubecfg"/);
        await assert.rejects(download('/nothing/here'), { name: 'ApiError', reason: 'NotFound' });
      });
    });

    describe('watch', () => {
      test('tells everything after the version it starts from, in order', async () => {
        await create('before');
        const from = await now();
        await create('web');
        await client.patch(Pod, 'default', 'web', { metadata: { labels: { color: 'red' } } });
        await client.delete(Pod, 'default', 'web');

        const events = watchFrom(from)[Symbol.asyncIterator]();
        const seen = [await events.next(), await events.next(), await events.next()].map((r) => r.value);
        const live = events.next();
        await create('later');

        assert.deepEqual(
          seen.map((e) => e.type),
          ['ADDED', 'MODIFIED', 'DELETED'],
        );
        assert.equal((await live).value.object.metadata.name, 'later');
        const versions = seen.map((e) => Number(e.object.metadata.resourceVersion));
        assert.ok(versions[0]! < versions[1]! && versions[1]! < versions[2]!, `${versions}`);
        assert.equal(seen[2].object.metadata.labels.color, 'red', 'the last state of what is gone');
        assert.equal(seen[0].object.kind, 'Pod');
        await events.return?.();
      });

      test('objects that begin or cease to match come and go', async () => {
        const from = await now();
        await create('web', { color: 'red' });
        await client.patch(Pod, 'default', 'web', { metadata: { labels: { color: 'blue' } } });
        await client.patch(Pod, 'default', 'web', { metadata: { labels: { color: 'red' } } });
        await create('other');

        const events = watchFrom(from, never, { labelSelector: 'color=red' });

        assert.deepEqual(await take(events, 3), ['ADDED web', 'DELETED web', 'ADDED web']);
      });

      test('without a version it begins with all there is', async () => {
        await create('a');
        await create('b');

        const events = client.watch(Pod, 'default', {}, never);

        assert.deepEqual(await take(events, 2), ['ADDED a', 'ADDED b']);
      });

      test('ends without an error when it is aborted', async () => {
        const abort = new AbortController();
        const from = await now();
        const seen: string[] = [];
        await create('a');
        await create('b');

        for await (const { object } of watchFrom(from, abort.signal)) {
          seen.push(object.metadata.name);
          abort.abort();
        }

        assert.deepEqual(seen, ['a']);
      });

      test('ends when it is aborted while nothing happens', async () => {
        const abort = new AbortController();
        const ended = take(watchFrom(await now(), abort.signal), 1);
        await clock.advance(0);
        abort.abort();

        assert.deepEqual(await ended, []);
      });

      test('ends when the server ends it, with a bookmark last when asked for', async () => {
        const from = await now();
        await create('web');

        const seen: WatchEvent<Pod>[] = [];
        const ended = (async () => {
          const options = { timeoutSeconds: 90, allowWatchBookmarks: true };
          for await (const event of watchFrom(from, never, options)) seen.push(event);
        })();
        while (seen.length === 0) await clock.advance(0);
        await clock.advance(90_000);
        await ended;

        const [first, ...bookmarks] = seen;
        assert.equal(first?.object.metadata.name, 'web');
        assert.ok(bookmarks.length > 0 && bookmarks.every(({ type }) => type === 'BOOKMARK'));
        assert.equal(bookmarks.at(-1)?.object.metadata.resourceVersion, await now());
      });

      test('ends when the server closes', async () => {
        const ended = take(watchFrom(await now()), 2);
        await create('web');
        await server.close();

        assert.deepEqual(await ended, ['ADDED web']);
      });

      test('throws Expired when its start is forgotten', async () => {
        await create('a');
        const from = await now();
        await create('b');
        await create('c');
        await store.compact(Number(await now()));

        await assert.rejects(take(watchFrom(from), 1), { name: 'ApiError', reason: 'Expired', code: 410 });
      });

      test('throws what is wrong with the request', async () => {
        const wrong = watchFrom('1', never, { labelSelector: 'a in (' });

        await assert.rejects(take(wrong, 1), { name: 'ApiError', reason: 'BadRequest' });
      });

      test('a reader that comes late still gets everything', async () => {
        const events = watchFrom(await now())[Symbol.asyncIterator]();
        const first = events.next();
        for (let i = 0; i < 300; i++) await create(`pod-${i}`);

        const names = [(await first).value.object.metadata.name];
        while (names.length < 300) names.push((await events.next()).value.object.metadata.name);

        assert.deepEqual(
          names,
          Array.from({ length: 300 }, (_, i) => `pod-${i}`),
        );
        await events.return?.();
      });
    });

    describe('stream', () => {
      const logs = (pod: string, follow = false, signal = never) =>
        client.logs(Pod, 'default', pod, { container: 'main', follow }, signal);
      const running = async (name: string) => {
        await create(name);
        await client.bind(Pod, 'default', name, 'core-01');
      };

      test('gives the bytes of the log', async () => {
        await running('web');

        assert.equal(await textOf(logs('web')), 'web – läuft\n');
      });

      test('throws ApiError before the first byte', async () => {
        await running('broken');

        await assert.rejects(textOf(logs('nobody')), { name: 'ApiError', reason: 'NotFound' });
        await assert.rejects(textOf(logs('broken')), { name: 'ApiError', message: /waiting to start/ });
      });

      test('a followed log ends cleanly when aborted, on both sides', async () => {
        await running('web');
        const abort = new AbortController();
        let text = '';

        for await (const chunk of logs('web', true, abort.signal)) {
          text += Buffer.from(chunk).toString();
          if (text.length > 100) abort.abort();
        }
        while (followersGone === 0) await new Promise((resolve) => setTimeout(resolve, 1));

        assert.equal(followersGone, 1);
      });
    });
  });
}
