/** Events of one moment had random names, and clients list by name: "started" was shown before "created". */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../src/core/async/log.ts';
import { seededRandom } from '../../src/core/async/random.ts';
import { Client } from '../../src/core/client/client.ts';
import { createRecorder } from '../../src/core/client/recorder.ts';
import { settle, virtualClock } from '../helpers/clock.ts';
import { FakeServer } from '../helpers/fake-server.ts';
import { pod } from '../helpers/objects.ts';

test('the names of events are in the order in which they were recorded', async () => {
  const server = new FakeServer();
  const deps = { component: 'kubelet', clock: virtualClock(), random: seededRandom(1), log: silentLog };
  const recorder = createRecorder(new Client(server), deps);
  const reasons = ['pulled', 'created', 'started', 'killing'];

  for (const reason of reasons) recorder.event(pod('web'), 'Normal', reason, reason);
  await settle();

  const events = [...server.objects.values()] as unknown as { metadata: { name: string }; reason: string }[];
  const inListOrder = events.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  assert.deepEqual(
    inListOrder.map(({ reason }) => reason),
    reasons,
  );
});
