/** Answered means on disk, and a crash at any point loses nothing that was answered: seen, and brought about, by strace. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { openEmbeddedStore } from '../../src/core/store/index.ts';

const writer = fileURLToPath(
  new URL(`durable-writer.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

/** Runs the writer in a new directory below strace. */
function trace(t: TestContext, strace: readonly string[], crash = '') {
  const folder = mkdtempSync(join(tmpdir(), 'kubecfg-durable-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const dir = join(folder, 'store');
  const log = join(folder, 'strace.log');
  const command = [process.execPath, ...process.execArgv, writer, dir, crash];
  const { stdout, stderr, error } = spawnSync('strace', ['-f', '-qq', '-o', log, ...strace, ...command], {
    encoding: 'utf8',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '', UV_THREADPOOL_SIZE: '1' },
  });
  if (error) throw error;
  const answered = [...stdout.matchAll(/^answered (\d+)$/gm)].map(([, n]) => Number(n));
  return { dir, answered, stdout, stderr, lines: readFileSync(log, 'utf8').split('\n') };
}

/** Opens what the writer left: a beginning of what it wrote, with nothing missing in it, that can be written to. */
async function keysLeft(dir: string): Promise<number[]> {
  const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
  const { kvs } = await store.range({ prefix: '/' });
  for (const { key, value } of kvs) assert.equal(value.toString(), key.repeat(200));
  assert.equal(store.revision, kvs.length + 1, 'one revision for each write');
  await store.txn({ then: [{ type: 'put', key: '/after', value: Buffer.from('x') }] });
  await store.close();
  return kvs.map(({ key }) => Number(key.slice(1))).sort((a, b) => a - b);
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test('each answer comes behind an fdatasync of the data and a write through of the head page', (t) => {
  const calls = 'trace=openat,fdatasync,pwrite64,write';
  const { lines, answered } = trace(t, ['-e', calls, '-e', 'signal=none']);
  assert.deepEqual(answered, upTo(15));

  // LMDB writes its head pages through a file of their own, opened with O_DSYNC (mdb.c, mdb_env_open2: me_mfd).
  const opened = lines.map((line) => /store\.mdb", O_WRONLY\|O_DSYNC.*= (\d+)$/.exec(line)?.[1]).find(Boolean);
  assert.ok(opened, 'the head pages are written through');
  const order = lines.flatMap((line) => {
    if (/fdatasync(\(\d+\)| resumed>\)) += 0$/.test(line)) return 'sync';
    if (new RegExp(`pwrite64\\(${opened},`).test(line)) return 'head';
    const answer = /write\(1, "answered (\d+)/.exec(line);
    return answer ? `answered ${answer[1]}` : [];
  });
  for (const n of upTo(15)) {
    const since = order.slice(Math.max(0, order.indexOf(`answered ${n - 1}`)), order.indexOf(`answered ${n}`));
    assert.ok(
      since.includes('sync') && since.lastIndexOf('head') > since.indexOf('sync'),
      `before ${n}: ${since.join()}`,
    );
  }
});

const fileCalls = 'pwrite64,pwritev,writev,fdatasync';

/** strace counts by thread and by call: the first ones are those of the opening. */
for (const nth of [1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14]) {
  test(`killed at call ${nth} to write or sync the file`, async (t) => {
    const { dir, answered, stdout } = trace(t, [
      '-e',
      `trace=${fileCalls}`,
      '-e',
      `inject=${fileCalls}:signal=KILL:when=${nth}`,
    ]);
    assert.ok(answered.length < 15 && !stdout.includes('failed'), stdout);
    const left = await keysLeft(dir);
    assert.deepEqual(left, upTo(left.length));
    assert.ok(left.length >= answered.length && left.length <= answered.length + 1);
  });
}

test('killed when a write is accepted: it was never made', async (t) => {
  const { dir, answered } = trace(t, ['-e', 'trace=none'], 'accepted');
  assert.deepEqual(answered, upTo(9));
  assert.deepEqual(await keysLeft(dir), upTo(9));
});

test('killed when a write is committed and not answered: it is there', async (t) => {
  const { dir, answered } = trace(t, ['-e', 'trace=none'], 'committed');
  assert.deepEqual(answered, upTo(9));
  assert.deepEqual(await keysLeft(dir), upTo(10));
});

/** Behind a failure to write a head page, LMDB itself takes no more transactions. */
for (const [call, error, nth, answer] of [
  ['fdatasync', 'EIO', 5, 'cannot write the store in '],
  ['writev', 'ENOSPC', 3, 'cannot write the store in '],
  ['pwrite64', 'EIO', 12, 'the store in .* takes no more writes until it is opened again'],
] as const) {
  test(`${error} from ${call} is told, and what was answered is there`, async (t) => {
    const { dir, answered, stdout } = trace(t, [
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${call}:error=${error}:when=${nth}`,
    ]);
    assert.match(stdout, new RegExp(`^failed \\d+ ${answer}`, 'm'));
    const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
    for (const n of answered) assert.equal((await store.get(`/${n}`))?.value.toString(), `/${n}`.repeat(200));
    assert.equal(store.stats().keys, answered.length);
    await store.close();
  });
}
