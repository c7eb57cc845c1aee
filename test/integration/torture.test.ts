/** A short round of torture on the real program: `npm run torture` is the long one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/core/async/random.ts';
import { httpApi } from '../torture/api.ts';
import { embeddedServers } from '../torture/embedded.ts';
import { etcdServers } from '../torture/etcd.ts';
import { torture } from '../torture/run.ts';

for (const [store, start, round] of [
  ['embedded', embeddedServers, { ms: 6_000, killEveryMs: 1_500 }],
  ['etcd', etcdServers, { ms: 8_000, killEveryMs: 2_000 }],
] as const) {
  test(`${store}: servers keep their promises while they are killed`, { timeout: 120_000 }, async (t) => {
    const seed = Date.now() % 1_000_000;
    t.diagnostic(`seed ${seed}`);
    const servers = await start('10s');
    const api = httpApi();
    t.after(async () => {
      api.close();
      await servers.stop();
    });

    const { history, kills, violations } = await torture({
      ...round,
      servers,
      api,
      random: seededRandom(seed),
      retentionMs: 5_000,
      atLeast: { operations: 500, kills: 3 },
    });

    t.diagnostic(`${history.operations.length} operations, ${kills} kills`);
    assert.deepEqual(violations, []);
  });
}
