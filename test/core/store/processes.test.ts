/** One data directory and several processes: killed ones lose nothing that was answered, living ones are respected. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { silentLog } from '../../../src/core/async/log.ts';
import { openEmbeddedStore, StoreLockedError } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { waitFor } from '../../helpers/wait.ts';
import { storeDir } from './dirs.ts';

const openStore = (dir: string) => openEmbeddedStore({ dir, clock: virtualClock(), log: silentLog });

/** A process that has opened the store in `dir`; `keys` are those whose writes it was answered. */
async function startChild(t: TestContext, dir: string, task: 'hold' | 'write', name = '') {
  const file = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'child.ts' : 'child.js', import.meta.url));
  const child = fork(file, [dir, task, name]);
  t.after(() => child.kill('SIGKILL'));
  const keys: string[] = [];
  await once(child, 'message');
  child.on('message', (key) => void keys.push(String(key)));
  return { pid: child.pid!, keys, kill: () => kill(child) };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Puts a record about the owner into the file of a store that is not open. */
async function recordOwner(dir: string, owner: object): Promise<void> {
  const db = open<Buffer, Buffer>({ path: join(dir, 'store.mdb'), encoding: 'binary', keyEncoding: 'binary' });
  await db.put(Buffer.from('m:owner'), Buffer.from(JSON.stringify(owner)));
  await db.close();
}

test('every answered write is there after the writer was killed', async (t) => {
  const dir = storeDir(t);
  const answered: string[] = [];
  for (const [round, writes] of [1, 300, 2_000].entries()) {
    const child = await startChild(t, dir, 'write', `round-${round}`);
    await waitFor(() => child.keys.length >= writes, { withinMs: 20_000 });
    await child.kill();
    answered.push(...child.keys);

    const store = await openStore(dir);
    for (const key of answered) assert.equal((await store.get(key))?.value.toString(), key.repeat(20));
    const revision = store.revision;
    const { kvs } = await store.range({ prefix: '/' });
    assert.equal(kvs.length, revision - 1, 'one revision for each key, whether it was answered or not');
    await store.close();
  }
});

test('a second process is told which one has the directory open', async (t) => {
  const dir = storeDir(t);
  const child = await startChild(t, dir, 'hold');

  await assert.rejects(openStore(dir), (error) => {
    assert.ok(error instanceof StoreLockedError);
    assert.equal(error.pid, child.pid);
    assert.equal(error.message, `data directory ${dir} is in use by process ${child.pid}`);
    return true;
  });
  await child.kill();

  const store = await openStore(dir);
  await store.close();
});

test('the same process cannot open a directory twice, but again after closing it', async (t) => {
  const dir = storeDir(t);
  const store = await openStore(dir);
  await assert.rejects(openStore(dir), { name: 'StoreLockedError', pid: process.pid });
  await assert.rejects(openStore(join(dir, '..', dir.slice(dir.lastIndexOf('/') + 1))), StoreLockedError);
  await store.txn({ then: [{ type: 'put', key: '/a', value: Buffer.from('1') }] });
  await store.close();

  const again = await openStore(dir);
  assert.equal((await again.get('/a'))?.value.toString(), '1');
  await again.close();
});

test('an owner whose pid another process has by now is gone', async (t) => {
  const dir = storeDir(t);
  await (await openStore(dir)).close();

  await recordOwner(dir, { pid: process.ppid, startedAt: 'another boot:1' });
  await (await openStore(dir)).close();

  await recordOwner(dir, { pid: process.ppid });
  await assert.rejects(openStore(dir), { name: 'StoreLockedError', pid: process.ppid });
});
