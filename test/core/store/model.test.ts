/** The embedded store looks like the model, in memory and on disk. */
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { silentLog } from '../../../src/core/async/log.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';
import { play, type Step, steps } from '../../contract/store-model.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { storeDir } from './dirs.ts';

test('the store in memory looks like the model', async () => {
  const open = () => openEmbeddedStore({ clock: virtualClock(), log: silentLog });
  await fc.assert(
    fc.asyncProperty(steps(), (steps) => play(open, steps)),
    { numRuns: 300 },
  );
});

test('the store on disk looks like the model, also when it is opened again', async (t: TestContext) => {
  await fc.assert(
    fc.asyncProperty(steps(fc.constant<Step>({ do: 'reopen' })), async (steps) => {
      const dir = storeDir(t);
      await play(() => openEmbeddedStore({ dir, clock: virtualClock(), log: silentLog }), steps);
    }),
    { numRuns: 40 },
  );
});
