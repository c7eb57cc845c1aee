import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realClock } from '../../../src/core/async/clock.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { createHollowRuntime, type HollowRuntime } from '../../../src/core/runtime/hollow.ts';
import {
  type ContainerConfig,
  ImageError,
  type RuntimeEvent,
  RuntimeGoneError,
} from '../../../src/core/runtime/runtime.ts';
import { runtimeContract } from '../../contract/runtime.ts';

const open = (stateFile?: string, seed = 1): HollowRuntime =>
  createHollowRuntime({ clock: realClock, random: seededRandom(seed), ...(stateFile && { stateFile }) });

runtimeContract('hollow', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-hollow-'));
  const stateFile = join(dir, 'core-01.jsonl');
  const runtime = open(stateFile);
  runtime.lackImage('nowhere:1', { pullable: false });
  let addresses = 1;
  let ports = 30_000;
  return {
    runtime,
    image: 'busybox:1',
    absentImage: 'nowhere:1',
    command: ['sleep'],
    end: async (id, exitCode) => runtime.exitContainer(id, exitCode),
    say: async (id, line) => runtime.writeLog(id, line),
    nextIP: () => `10.244.0.${++addresses}`,
    nextPort: () => ++ports,
    reopen: async () => open(stateFile, 2),
    close: async () => rmSync(dir, { recursive: true }),
  };
});

const pod = { namespace: 'default', name: 'web', uid: 'u1' };
const sandbox = { pod, hostname: 'web', ip: '10.244.0.2', hostNetwork: false, ports: [], annotations: {} };
const container: ContainerConfig = {
  pod,
  name: 'main',
  specHash: 'abc',
  image: 'busybox',
  env: [],
  mounts: [],
  privileged: false,
  readOnlyRootFilesystem: false,
  addCapabilities: [],
  dropCapabilities: [],
  tty: false,
  stdin: false,
  graceSeconds: 5,
  annotations: {},
};

test('the nth call of a method fails as told, and only that one', async () => {
  const runtime = open();
  runtime.failCall('runSandbox', 2, new Error('no space left'));
  await runtime.runSandbox(sandbox);
  await assert.rejects(runtime.runSandbox({ ...sandbox, ip: '10.244.0.3' }), /no space left/);
  await runtime.runSandbox({ ...sandbox, ip: '10.244.0.3' });
});

test('a lacking image comes with a pull', async () => {
  const runtime = open();
  runtime.lackImage('busybox', { pullable: true });
  const id = await runtime.runSandbox(sandbox);
  await assert.rejects(runtime.startContainer(id, container), ImageError);
  await runtime.pullImage('busybox', () => {}, new AbortController().signal);
  await runtime.startContainer(id, container);
});

test('an engine that is gone rejects every call and says when it is back', async () => {
  const runtime = open();
  const events: RuntimeEvent[] = [];
  runtime.subscribe((event) => events.push(event));
  runtime.setGone(true);
  await assert.rejects(runtime.listPods(), RuntimeGoneError);
  runtime.setGone(false);
  assert.deepEqual(await runtime.listPods(), []);
  assert.deepEqual(events, [{ type: 'gone' }, { type: 'back' }]);
});

test('a container may end for lack of memory', async () => {
  const runtime = open();
  const id = await runtime.startContainer(await runtime.runSandbox(sandbox), container);
  runtime.exitContainer(id, 137, { oomKilled: true });
  const [listed] = await runtime.listPods();
  assert.equal(listed?.containers[0]?.oomKilled, true);
});

test('a state file with a line that a crash cut short opens with what was complete, and is shortened', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-hollow-'));
  const file = join(dir, 'state.jsonl');
  const first = open(file);
  const id = await first.startContainer(await first.runSandbox(sandbox), container);
  for (let i = 0; i < 20; i++) first.writeLog(id, `line ${i}`);
  const before = await first.listPods();
  appendFileSync(file, '{"removed":"');

  const second = open(file, 2);
  assert.deepEqual(await second.listPods(), before);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 2);
  second.stopAll();
  assert.equal((await open(file, 3).listPods())[0]?.containers[0]?.exitCode, 137);
  rmSync(dir, { recursive: true });
});
