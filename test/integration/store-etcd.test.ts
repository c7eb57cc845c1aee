/** The store on etcd keeps the contract and looks like the model, on a real member. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { realClock, sleep } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { openEtcdStore } from '../../src/core/store/index.ts';
import { storeContract } from '../contract/store.ts';
import { play, type Step, steps } from '../contract/store-model.ts';
import { startEtcd } from '../helpers/etcd.ts';

const deps = { clock: realClock, random: systemRandom, log: silentLog };
const started = startEtcd({ after });
let opened = 0;

/** Each store has a prefix of its own; revisions are counted for all of them together. */
const open = async (prefix = `/store-${++opened}`) =>
  openEtcdStore({ servers: (await started).urls, prefix, root: '', ...deps });

storeContract('etcd', async () => ({ store: await open(), pass: (ms: number) => sleep(realClock, ms) }));

test('the store on etcd looks like the model, also when it is opened again', async () => {
  await fc.assert(
    fc.asyncProperty(steps(fc.constant<Step>({ do: 'reopen' })), (steps) => {
      const prefix = `/store-${++opened}`;
      return play(() => open(prefix), steps);
    }),
    { numRuns: 20 },
  );
});

test('an etcd that is not there is named', async () => {
  const opening = openEtcdStore({ servers: ['http://127.0.0.1:1'], requestTimeoutMs: 500, ...deps });
  await assert.rejects(
    opening,
    /^Error: etcd does not answer at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED 127\.0\.0\.1:1$/,
  );
});
