/** A data file that is not as it was written is refused, and what to do is said; one of an older version is brought up to date. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { open } from 'lmdb';
import { silentLog } from '../../../src/core/async/log.ts';
import { recordKey } from '../../../src/core/store/embedded/record.ts';
import { CompactedError, openEmbeddedStore, type Store, StoreDamagedError } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { storeDir } from './dirs.ts';

const openStore = (dir: string) => openEmbeddedStore({ dir, clock: virtualClock(), log: silentLog });
const fileOf = (dir: string) => join(dir, 'store.mdb');

/** The file of a store with some thousand keys, one of them large, and some history. */
async function goodFile(t: TestContext): Promise<Buffer> {
  const dir = storeDir(t);
  const store = await openStore(dir);
  const put = (key: string, size: number) => ({ type: 'put' as const, key, value: Buffer.alloc(size, key) });
  await Promise.all(Array.from({ length: 3_000 }, (_, i) => store.txn({ then: [put(`/${i}`, 300)] })));
  await store.txn({ then: [put('/large', 100_000)] });
  await store.txn({ then: [{ type: 'deletePrefix', prefix: '/1' }] });
  await store.compact(store.revision - 1);
  await store.close();
  return readFileSync(fileOf(dir));
}

/** Opens a store with this content; undefined when it was refused as damaged. */
async function opened(t: TestContext, content: Buffer): Promise<Store | undefined> {
  const dir = storeDir(t);
  writeFileSync(fileOf(dir), content);
  try {
    return await openStore(dir);
  } catch (error) {
    assert.ok(error instanceof StoreDamagedError || / is not a store/.test(String(error)), String(error));
    return undefined;
  }
}

const states = (store: Store) => store.range({ prefix: '' }).then(({ kvs }) => kvs);

test('a file that was cut short, overwritten or changed is refused, or was changed where nothing lies', async (t) => {
  const good = await goodFile(t);
  const whole = (await opened(t, good))!;
  const wanted = await states(whole);
  await whole.close();
  const damage = fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(good.length - 1) }),
    fc.record({ kind: fc.constant('page' as const), at: fc.integer({ min: 2, max: good.length / 4096 - 1 }) }),
    fc.record({ kind: fc.constant('bit' as const), at: fc.integer({ min: 8192, max: good.length - 1 }) }),
  );
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ kind, at }) => {
      const content = Buffer.from(kind === 'cut' ? good.subarray(0, at) : good);
      if (kind === 'page') content.fill(0, at * 4096, (at + 1) * 4096);
      if (kind === 'bit') content[at]! ^= 1 << (at % 8);
      const store = await opened(t, content);
      if (!store) refused++;
      else if (content.length > 0) assert.deepEqual(await states(store), wanted);
      await store?.close();
    }),
    { numRuns: 40 },
  );
  assert.ok(refused > 10, `only ${refused} of 40 were refused`);
});

/** The message behind the path. */
async function refusal(dir: string): Promise<string> {
  const error = await openStore(dir).then(
    () => assert.fail('it was opened'),
    (error: Error) => error,
  );
  assert.ok(error instanceof StoreDamagedError, String(error));
  return error.message.slice(fileOf(dir).length + 1);
}

const withFile = async (dir: string, change: (db: ReturnType<typeof open<Buffer, Buffer>>) => Promise<unknown>) => {
  const db = open<Buffer, Buffer>({ path: fileOf(dir), encoding: 'binary', keyEncoding: 'binary' });
  await change(db);
  await db.close();
};

test('a record that changed, moved or is gone is named, with what to do', async (t) => {
  const advice =
    "Restore a snapshot with 'kubecfg snapshot restore', or move the file away to begin with an empty store";
  const changed = storeDir(t);
  for (const dir of [changed]) {
    const store = await openStore(dir);
    for (const key of ['/a', '/b']) await store.txn({ then: [{ type: 'put', key, value: Buffer.from(key) }] });
    await store.close();
  }
  const record = Buffer.from((await readRecord(changed, 3, '/b'))!);

  await withFile(changed, (db) => db.remove(recordKey(3, '/b')));
  const lost = 'is damaged: it should hold 2 records up to revision 3 and holds 1 up to revision 2. ';
  assert.equal(await refusal(changed), lost + advice);

  await withFile(changed, (db) => db.put(recordKey(3, '/c'), record));
  assert.match(await refusal(changed), /^is damaged: the record under r.*\/c does not match its checksum\. Restore/s);

  await withFile(changed, async (db) => {
    await db.remove(recordKey(3, '/c'));
    await db.put(recordKey(3, '/b'), record);
  });
  const store = await openStore(changed);
  assert.equal(store.revision, 3);
  await store.close();
});

async function readRecord(dir: string, revision: number, key: string): Promise<Buffer | undefined> {
  let found: Buffer | undefined;
  await withFile(dir, async (db) => {
    found = db.getBinary(recordKey(revision, key));
  });
  return found;
}

test('a store of format 1 is opened with all it holds, and the old file is kept', async (t) => {
  const dir = storeDir(t);
  const old = gunzipSync(readFileSync('test/golden/store/format-1.mdb.gz'));
  writeFileSync(fileOf(dir), old);

  for (const time of ['first', 'second']) {
    const store = await openEmbeddedStore({ dir, clock: virtualClock(), log: silentLog });
    const { kvs } = await store.range({ prefix: '/' });
    assert.deepEqual(
      kvs.map(({ key, value, version, createRevision, modRevision }) => {
        const text = value.length > 10 ? value.length : value.toString();
        return `${key}=${text} ${version} ${createRevision} ${modRevision}`;
      }),
      [
        '/registry/a=3 3 2 8',
        '/registry/c=c 1 3 3',
        '/registry/empty= 1 7 7',
        '/registry/lease=until 1 7 7',
        '/registry/é=3000 1 6 6',
      ],
      time,
    );
    assert.equal(kvs[3]!.expiresAt, Date.UTC(2015, 4, 1, 1));
    assert.deepEqual([store.revision, store.compactedRevision], [8, 4]);
    assert.equal((await store.range({ prefix: '/registry/b', revision: 4 })).kvs[0]?.value.toString(), 'b');
    await assert.rejects(store.range({ prefix: '/', revision: 3 }), CompactedError);
    await store.close();
  }

  const kept = storeDir(t);
  writeFileSync(fileOf(kept), readFileSync(join(dir, 'store.format-1.mdb')));
  const again = await openStore(kept);
  assert.equal(again.stats().keys, 5);
  await again.close();
  assert.equal(existsSync(join(dir, 'store.mdb.new')), false);
});

test('a migration that a crash cut off is done again', async (t) => {
  const dir = storeDir(t);
  const old = gunzipSync(readFileSync('test/golden/store/format-1.mdb.gz'));
  writeFileSync(fileOf(dir), old);
  writeFileSync(join(dir, 'store.mdb.new'), old.subarray(0, 8192));
  writeFileSync(join(dir, 'store.format-1.mdb'), 'kept from another time');

  const store = await openStore(dir);

  assert.equal(store.stats().keys, 5);
  await store.close();
  assert.equal(readFileSync(join(dir, 'store.format-1.mdb'), 'utf8'), 'kept from another time');
  assert.ok(existsSync(join(dir, 'store.format-1.1.mdb')));
});
