import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../src/core/api/kinds/index.ts';
import { ApiError, forbidden } from '../../../src/core/api/status.ts';
import { textLog } from '../../../src/core/async/log.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { Client } from '../../../src/core/client/client.ts';
import { createRecorder, referenceTo } from '../../../src/core/client/recorder.ts';
import { settle, virtualClock } from '../../helpers/clock.ts';
import { FakeServer } from '../../helpers/fake-server.ts';
import { node, pod } from '../../helpers/objects.ts';

function setUp(options: { host?: string } = {}) {
  const server = new FakeServer();
  const clock = virtualClock(Date.UTC(2015, 4, 1, 10));
  const lines: string[] = [];
  const log = textLog((line) => lines.push(line), clock.now);
  const deps = { component: 'kubelet', clock, random: seededRandom(1), log, ...options };
  const recorder = createRecorder(new Client(server), deps);
  const events = () => [...server.objects.values()] as unknown as Event[];
  const verbs = () => server.requests.map((r) => r.verb);
  return { server, clock, lines, recorder, events, verbs };
}

const refused = () => {
  throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
};

test('an event says what happened to which object, who says it and when', async () => {
  const { recorder, events } = setUp({ host: 'core-01' });
  const web = pod('web', { metadata: { namespace: 'shop' } });

  recorder.event(web, 'Normal', 'started', 'Started with docker id abc');
  await settle();

  const [event] = events();
  assert.match(event?.metadata.name ?? '', /^web\.13da10e[0-9a-f]{9}$/);
  const { metadata, ...said } = event!;
  assert.equal(metadata.namespace, 'shop');
  const { uid, resourceVersion } = web.metadata;
  assert.deepEqual(said, {
    kind: 'Event',
    apiVersion: 'v1',
    involvedObject: referenceTo(web),
    type: 'Normal',
    reason: 'started',
    message: 'Started with docker id abc',
    source: { component: 'kubelet', host: 'core-01' },
    firstTimestamp: '2015-05-01T10:00:00Z',
    lastTimestamp: '2015-05-01T10:00:00Z',
    count: 1,
    reportingComponent: 'kubelet',
    reportingInstance: 'core-01',
  });
  assert.equal(said.involvedObject.kind, 'Pod');
  assert.equal(said.involvedObject.uid, uid);
  assert.equal(said.involvedObject.resourceVersion, resourceVersion);
});

test('events of nodes are kept in the default namespace', async () => {
  const { recorder, events } = setUp();

  recorder.event(node('core-01'), 'Normal', 'ready', 'Node core-01 is now ready');
  await settle();

  assert.equal(events()[0]?.metadata.namespace, 'default');
});

test('a part of an object can be named', async () => {
  const { recorder, events } = setUp();
  const web = pod('web');

  recorder.event(referenceTo(web, 'spec.containers{a}'), 'Normal', 'pulled', 'Pulled image');
  recorder.event(referenceTo(web, 'spec.containers{b}'), 'Normal', 'pulled', 'Pulled image');
  await settle();

  const paths = events().map((e) => [e.involvedObject.fieldPath, e.count]);
  assert.deepEqual(paths, [
    ['spec.containers{a}', 1],
    ['spec.containers{b}', 1],
  ]);
});

test('the same thing again is counted in the same event', async () => {
  const { recorder, clock, events, verbs } = setUp();

  for (let i = 0; i < 3; i++) {
    recorder.event(pod('web'), 'Warning', 'failed', 'Error: no such image');
    await clock.advance(60_000);
  }
  recorder.event(pod('web'), 'Warning', 'failed', 'Error: another one');
  await settle();

  const [again, other] = events();
  assert.equal(again?.count, 3);
  assert.equal(again?.firstTimestamp, '2015-05-01T10:00:00Z');
  assert.equal(again?.lastTimestamp, '2015-05-01T10:02:00Z');
  assert.equal(other?.count, 1);
  assert.deepEqual(verbs(), ['create', 'patch', 'patch', 'create']);
});

test('what happens many times in one turn is sent once with its count', async () => {
  const { recorder, events, verbs } = setUp();

  for (let i = 0; i < 100; i++) recorder.event(pod('web'), 'Warning', 'failed', 'Error: no such image');
  await settle();

  assert.equal(events()[0]?.count, 100);
  assert.deepEqual(verbs(), ['create']);
});

test('an event that expired meanwhile is made again with its count', async () => {
  const { server, recorder, events, verbs } = setUp();
  recorder.event(pod('web'), 'Warning', 'failed', 'Error');
  await settle();
  for (const key of server.objects.keys()) server.remove(key);

  recorder.event(pod('web'), 'Warning', 'failed', 'Error');
  await settle();

  assert.equal(events()[0]?.count, 2);
  assert.deepEqual(verbs(), ['create', 'patch', 'create']);
});

test('a name that is taken is no obstacle', async () => {
  const { server, recorder, events } = setUp();
  recorder.event(pod('web'), 'Normal', 'started', 'Started');
  await settle();
  const taken = events()[0]!.metadata.name;
  server.fault = ({ verb, body }) => {
    const meta = (body as Event).metadata;
    if (verb === 'create' && server.requests.length === 2) meta.name = taken;
  };

  recorder.event(pod('web'), 'Normal', 'killing', 'Killing');
  await settle();

  assert.deepEqual(
    events().map((e) => e.reason),
    ['started', 'killing'],
  );
});

test('connection trouble: tried again every 10 s, 12 times, then dropped', async () => {
  const { server, clock, recorder, verbs, lines } = setUp();
  server.fault = refused;

  recorder.event(pod('web'), 'Normal', 'started', 'Started');
  await clock.advance(9_999);
  const early = verbs().length;
  await clock.advance(600_000);

  assert.equal(early, 2, 'the first gap is random, up to 10 s');
  assert.equal(verbs().length, 12);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /Pod web: started: not sent: connect ECONNREFUSED/);
});

test('what happens again during an outage waits for the next try and is sent with its count', async () => {
  const { server, clock, recorder, events, verbs } = setUp();
  server.fault = refused;
  for (let i = 0; i < 30; i++) {
    recorder.event(pod('web'), 'Warning', 'failed', 'Error');
    await clock.advance(1_000);
  }
  assert.ok(verbs().length <= 5, `${verbs().length} tries in 30 s`);

  server.fault = () => {};
  await clock.advance(10_000);

  assert.equal(events()[0]?.count, 30);
});

test('what the API rejects is dropped at once', async () => {
  const { server, clock, recorder, verbs, lines } = setUp();
  server.fault = () => {
    throw forbidden({ plural: 'events', group: '' }, 'x', 'namespace shop is being terminated');
  };

  recorder.event(pod('web'), 'Normal', 'started', 'Started');
  await clock.advance(60_000);

  assert.equal(verbs().length, 1);
  assert.match(lines[0]!, /being terminated/);
});

test('a thousand events may wait; more are dropped and never held up', async () => {
  const { recorder, events, lines } = setUp();

  for (let i = 0; i < 1_200; i++) recorder.event(pod(`web-${i}`), 'Normal', 'started', 'Started');
  await recorder.flush();

  assert.equal(events().length, 1_000);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /200 events dropped/);
});

test('only the last 4096 are remembered', async () => {
  const { recorder, events, verbs } = setUp();
  for (let i = 0; i < 4_097; i++) {
    recorder.event(pod(`web-${i}`), 'Normal', 'started', 'Started');
    if (i % 500 === 0) await recorder.flush();
  }
  await recorder.flush();

  recorder.event(pod('web-0'), 'Normal', 'started', 'Started');
  recorder.event(pod('web-4096'), 'Normal', 'started', 'Started');
  await recorder.flush();

  assert.equal(events().length, 4_098);
  assert.deepEqual(verbs().slice(-2), ['create', 'patch']);
});

test('flush tries what waits once more and gives up the rest', async () => {
  const { server, recorder, clock, verbs, lines } = setUp();
  server.fault = () => {
    throw new ApiError('ServiceUnavailable', 'shutting down');
  };
  recorder.event(pod('web'), 'Normal', 'started', 'Started');
  recorder.event(pod('db'), 'Normal', 'started', 'Started');
  await settle();

  await recorder.flush();
  await clock.advance(60_000);

  assert.equal(verbs().length, 4);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /2 events not sent/);
});
