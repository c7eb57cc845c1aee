/** The store on etcd keeps the contract, on a real member. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { realClock, sleep } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { openEtcdStore } from '../../src/core/store/index.ts';
import { storeContract } from '../contract/store.ts';
import { startEtcd } from '../helpers/etcd.ts';

const deps = { clock: realClock, random: systemRandom, log: silentLog };
const started = startEtcd({ after });
let opened = 0;

/** Each store has a prefix of its own; revisions are counted for all of them together. */
storeContract('etcd', async () => {
  const etcd = await started;
  const store = await openEtcdStore({ servers: etcd.urls, prefix: `/store-${++opened}`, root: '', ...deps });
  return { store, pass: (ms: number) => sleep(realClock, ms) };
});

test('an etcd that is not there is named', async () => {
  const opening = openEtcdStore({ servers: ['http://127.0.0.1:1'], requestTimeoutMs: 500, ...deps });
  await assert.rejects(
    opening,
    /^Error: etcd does not answer at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED 127\.0\.0\.1:1$/,
  );
});
