/** The built program as a process: launcher, code cache, exit codes and signals. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { startApi, type TestCluster } from '../helpers/cli.ts';

const skip = existsSync('dist/kubecfg.cjs') ? false : "not built: 'npm run build' first";
let api: TestCluster;
let server: string;
let dir: string;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bundle-'));
  api = await startApi();
  server = `http://127.0.0.1:${(await api.server.listen({ host: '127.0.0.1', port: 0 })).port}`;
});
after(async () => {
  await api.close();
  rmSync(dir, { recursive: true });
});

function start(
  args: readonly string[],
  { bin = resolve('bin/kubecfg.js'), nodeArgs = [] as string[] } = {},
): ChildProcess {
  const env = { PATH: process.env['PATH'], HOME: dir, KUBERNETES_MASTER: server };
  return spawn(process.execPath, [...nodeArgs, bin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(args: readonly string[], options: Parameters<typeof start>[1] = {}) {
  const child = start(args, options);
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (data) => (stdout += data));
  child.stderr!.on('data', (data) => (stderr += data));
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}

test('exit codes and streams', { skip }, async () => {
  assert.match((await run(['--version'])).stdout, /^Client Version: v/);
  assert.deepEqual(await run(['get', 'pods']), {
    code: 0,
    signal: null,
    stdout: '',
    stderr: 'No resources found in default namespace.\n',
  });
  assert.equal((await run(['get', 'pod', 'nosuch'])).code, 1);
  assert.equal((await run(['get', '--nosuch'])).code, 2);
  assert.equal((await run(['wait', 'ns/default', '--for=delete', '--timeout=1ms'])).code, 124);
});

test('an interrupted watch ends with 130, a terminated one with 143', { skip }, async () => {
  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const child = start(['get', 'namespaces', '-w']);
    await once(child.stdout!, 'data');
    child.kill(signal);
    const [code] = await once(child, 'close');
    assert.equal(code, expected);
  }
});

test('a reader that leaves ends the program without a word', { skip }, async () => {
  const child = start(['get', 'namespaces', '-w']);
  let stderr = '';
  child.stderr!.on('data', (data) => (stderr += data));
  await once(child.stdout!, 'data');
  child.stdout!.destroy();
  await api.run('create namespace one-more');
  const [code] = await once(child, 'close');
  assert.deepEqual([code, stderr], [0, '']);
});

test('a client verb loads nothing of the daemon', { skip }, async () => {
  const hook = join(dir, 'hook.cjs');
  writeFileSync(
    hook,
    "process.on('exit', () => console.error([...process.moduleLoadList, ...Object.keys(require.cache)].join('\\n')));",
  );
  const { stderr } = await run(['get', 'pods'], { nodeArgs: ['--require', hook] });
  assert.match(stderr, /NativeModule http$/m);
  // The store and the engine's client need crypto and native code; oclif's plugin search, child processes.
  for (const unwanted of ['NativeModule crypto', 'NativeModule child_process', 'NativeModule worker_threads', 'lmdb']) {
    assert.ok(!stderr.includes(unwanted), unwanted);
  }
});

test('the code cache of the build is used', { skip }, async () => {
  const before = statSync('dist/kubecfg.cjs.v8').mtimeMs;
  await run(['--version']);
  assert.equal(statSync('dist/kubecfg.cjs.v8').mtimeMs, before);
});

test('a cache of another build, or one that V8 rejects, is written anew', { skip }, async () => {
  const copy = join(dir, 'copy');
  cpSync('bin', join(copy, 'bin'), { recursive: true });
  cpSync('dist', join(copy, 'dist'), { recursive: true });
  const path = join(copy, 'dist/kubecfg.cjs.v8');
  const cache = readFileSync(path);
  const stamp = cache.subarray(0, cache.indexOf(10) + 1).toString();
  assert.match(stamp, /^\/\/build [0-9a-f]{32}\n$/);
  for (const wrong of [
    stamp.replace(/ ./, ' x') + cache.subarray(stamp.length).toString('latin1'),
    `${stamp}no cache`,
    '',
  ]) {
    writeFileSync(path, wrong, 'latin1');
    const { code, stdout } = await run(['--version'], { bin: join(copy, 'bin/kubecfg.js') });
    assert.equal(code, 0);
    assert.match(stdout, /^Client Version/);
    const written = readFileSync(path);
    assert.ok(written.length > 100_000 && written.subarray(0, stamp.length).toString() === stamp);
  }
});

test('linked as fleetctl it is fleetctl', { skip }, async () => {
  const link = join(dir, 'fleetctl');
  symlinkSync(resolve('bin/kubecfg.js'), link);
  assert.equal((await run(['list-machines'], { bin: link })).stdout, 'MACHINE\tIP\tMETADATA\n');
  assert.match((await run(['list-units'], { bin: link })).stderr, /fleetctl list-units is not in this release/);
});

test('without a build the launcher says what to do', () => {
  const copy = join(dir, 'unbuilt');
  mkdirSync(copy);
  cpSync('bin', join(copy, 'bin'), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [join(copy, 'bin/kubecfg.js')], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /kubecfg is not built: .* is missing, run 'npm run build'/);
});
