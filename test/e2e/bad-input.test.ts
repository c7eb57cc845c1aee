/** Wrong wishes and missing parts: what is said, the exit code, and that nothing is left half-made. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { containersOf, Program } from '../helpers/program.ts';

const program = new Program();
after(() => program.remove());

test('without an engine, up names the socket it tried and the two ways out', async () => {
  const lost = new Program({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  const { code, stderr } = await lost.run(['up', ...lost.local]);
  assert.equal(code, 1);
  assert.match(stderr, /\/nowhere\/docker\.sock/);
  assert.match(stderr, /--runtime hollow/);
  assert.match(stderr, /install/i);
  assert.ok(!existsSync(lost.dataDir));
});

test('a port that is taken is reported with its owner, and nothing stays behind', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as AddressInfo;

  const { code, stderr } = await program.run(['up', '--port', String(port), ...program.local]);

  squatter.close();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`port ${port} is taken by .*pid ${process.pid}`));
  assert.ok(!existsSync(program.dataDir));
  assert.deepEqual(await containersOf(program.name), []);
});

test('wrong flags end with code 2 and say what is allowed', async () => {
  const wrong: [string[], RegExp][] = [
    [['up', '--num-instances', 'three'], /num-instances/],
    [['up', '--num-instances', '-1'], /num-instances/],
    [['up', '--runtime', 'podman'], /docker.*hollow/],
    [['up', '--port', '70000'], /port/],
    [['up', '--no-such-flag'], /no-such-flag/],
    [['halt', '--force'], /core-02/],
    [['upp'], /did you mean "up"/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await program.run([...args, ...program.local]);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, message);
  }
});

test('wrong ranges and too many machines are refused before anything is made', async () => {
  for (const args of [
    ['--portal-net', '10.0.0.1/16'],
    ['--pod-net', '10.244.0.0/20'],
    ['--num-instances', '400'],
  ]) {
    const { code, stderr } = await program.run(['up', '--runtime', 'hollow', ...args, ...program.local]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /error: /);
    assert.ok(!existsSync(program.dataDir));
  }
});

test('a second daemon on one data directory is told who has it', async () => {
  await program.ok('up', '--runtime', 'hollow', '--port', '0', ...program.local);
  const { pid } = await program.json<{ pid: number }>('status', ...program.local);
  const { code, stderr } = await program.run(['daemon', '--port', '0', ...program.local]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`in use by process ${pid}`));
});

test('a cluster is not silently made over into another', async () => {
  const shrink = await program.run(['up', '--num-instances', '0', ...program.local]);
  assert.equal(shrink.code, 1);
  assert.match(shrink.stderr, /has 1 machines, not 0/);
  const change = await program.run(['up', '--runtime', 'docker', ...program.local]);
  assert.match(change.stderr, /was made with runtime hollow, not docker/);
});

test('verbs about machines say when there is none, or no cluster', async () => {
  const unknown = await program.run(['halt', 'core-09', ...program.local]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no machine core-09: there are core-01/);
  const other = new Program();
  const none = await other.run(['halt', 'core-01', ...other.local]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /no cluster is running .*'kubecfg up'/);
  const state = await other.run(['status', ...other.local]);
  assert.equal(state.code, 1);
  assert.match(state.stderr, /there is no cluster/);
});
