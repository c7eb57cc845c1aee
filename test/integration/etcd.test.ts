/** The etcd that other tests run on: what they rely on when they kill, pause and restart its members. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startEtcd } from '../helpers/etcd.ts';
import { waitFor } from '../helpers/wait.ts';

test('a cluster outlives its leader, and takes it back', async (t) => {
  const etcd = await startEtcd(t, { members: 3, args: ['--heartbeat-interval=50', '--election-timeout=500'] });
  await etcd.ctl('put', 'a', '1');
  const leader = await etcd.leader();

  await leader.kill();
  const next = await waitFor(() => etcd.leader(), { what: 'another leader', withinMs: 10_000 });
  await etcd.ctl('put', 'a', '2', '--endpoints', next.url);
  await leader.start();

  assert.notEqual(next.name, leader.name);
  assert.equal(await etcd.ctl('get', 'a', '--print-value-only', '--endpoints', leader.url), '2\n');
});
