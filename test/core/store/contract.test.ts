/** The embedded store keeps the contract, on disk and in memory. */
import type { TestContext } from 'node:test';
import { silentLog } from '../../../src/core/async/log.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';
import { storeContract } from '../../contract/store.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { storeDir } from './dirs.ts';

const open = (dirFor: (t: TestContext) => string | undefined) => async (t: TestContext) => {
  const clock = virtualClock();
  const store = await openEmbeddedStore({ dir: dirFor(t), clock, log: silentLog });
  return { store, pass: (ms: number) => clock.advance(ms) };
};

storeContract('LMDB', open(storeDir));
storeContract(
  'memory',
  open(() => undefined),
);
