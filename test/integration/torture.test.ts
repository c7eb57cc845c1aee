/** A short round of torture on the real program: `npm run torture` is the long one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/core/async/random.ts';
import { httpApi } from '../torture/api.ts';
import { embeddedServers } from '../torture/embedded.ts';
import { torture } from '../torture/run.ts';

test('the embedded store keeps its promises while the server is killed', { timeout: 120_000 }, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const servers = await embeddedServers('10s');
  const api = httpApi();
  t.after(async () => {
    api.close();
    await servers.stop();
  });

  const round = { servers, api, random: seededRandom(seed), ms: 6_000, killEveryMs: 1_500, retentionMs: 5_000 };
  const { history, kills, violations } = await torture({ ...round, atLeast: { operations: 500, kills: 3 } });

  t.diagnostic(`${history.operations.length} operations, ${kills} kills`);
  assert.deepEqual(violations, []);
});
