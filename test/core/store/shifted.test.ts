/** A store on another count of revisions keeps the contract, and nothing of before its offset can be read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../src/core/async/log.ts';
import { CompactedError, openEmbeddedStore, shifted } from '../../../src/core/store/index.ts';
import { storeContract } from '../../contract/store.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { waitFor } from '../../helpers/wait.ts';

const offset = 1_000_000;

async function open() {
  const clock = virtualClock();
  const inner = await openEmbeddedStore({ clock, log: silentLog });
  return { store: shifted(inner, offset), clock };
}

storeContract('shifted', async () => {
  const { store, clock } = await open();
  return { store, pass: (ms) => clock.advance(ms) };
});

test('revisions begin above the offset, and below it all is compacted', async () => {
  const { store } = await open();
  const value = Buffer.from('1');
  const { revision, results } = await store.txn({ then: [{ type: 'put', key: '/a', value }] });
  assert.ok(revision > offset);
  assert.equal(results[0]?.kv?.modRevision, revision);
  await assert.rejects(store.range({ prefix: '/', revision: offset - 5 }), CompactedError);
  for (const startRevision of [1, offset - 5, offset]) {
    let error: Error | undefined;
    store.watch(
      { prefix: '/', startRevision },
      {
        events: () => assert.fail('it tells of something'),
        error: (one) => {
          error = one;
        },
      },
    );
    await waitFor(() => error instanceof CompactedError);
  }
  await store.close();
});

test('a revision of before the offset is one that no key has', async () => {
  const { store } = await open();
  await store.txn({ then: [{ type: 'put', key: '/there', value: Buffer.from('1') }] });
  const holds = async (key: string, is: '=' | '!=' | '<' | '>') => {
    const { succeeded } = await store.txn({ compare: [{ key, target: 'mod', is, value: 77 }], then: [] });
    return succeeded;
  };
  const all = ['=', '!=', '<', '>'] as const;
  const answers = (key: string) => Promise.all(all.map((is) => holds(key, is)));
  assert.deepEqual(await answers('/there'), [false, true, false, true]);
  assert.deepEqual(await answers('/missing'), [false, true, true, false]);
  await store.close();
});
