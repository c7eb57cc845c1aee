/** The Docker runtime on the engine of this machine. Without one these tests fail and say where they looked. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Docker from 'dockerode';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import {
  type ClusterNetwork,
  connectDocker,
  type DockerEngine,
  NoEngineError,
} from '../../src/core/runtime/docker/index.ts';
import { pauseImage } from '../../src/core/runtime/docker/pause.ts';
import {
  type ContainerConfig,
  ImageError,
  type PodIdentity,
  type PullProgress,
  type Runtime,
  type RuntimeEvent,
  RuntimeGoneError,
  type SandboxConfig,
} from '../../src/core/runtime/runtime.ts';
import { runtimeContract } from '../contract/runtime.ts';
import { ensureTestImage, testImage } from '../helpers/images.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { waitFor } from '../helpers/wait.ts';

const cluster = `runtime-test-${process.pid}`;
const options = { clock: realClock, random: systemRandom, log: silentLog };
const signal = new AbortController().signal;
const outside = new Docker();

let engine: DockerEngine;
let registry: Registry;
let prefix: string;
let network: ClusterNetwork;
let machine: Runtime;
const events: RuntimeEvent[] = [];
const unwantedImages: string[] = [];

before(async () => {
  engine = await connectDocker(options);
  await ensureTestImage();
  const used = new Set((await engine.usedSubnets()).map((subnet) => subnet.split('.').slice(0, 2).join('.')));
  prefix = Array.from({ length: 55 }, (_, i) => `10.${200 + i}`).find((range) => !used.has(range))!;
  network = await engine.ensureNetwork({ cluster, subnet: `${prefix}.0.0/16`, gateway: `${prefix}.0.1` });
  machine = engine.machine({ cluster, machine: 'core-01', address: '127.0.0.1' });
  machine.subscribe((event) => events.push(event));
  const random = (path: string) => ({ type: 'file' as const, path, mode: 0o644, data: randomBytes(2 ** 20) });
  registry = await startRegistry({ name: 'two-layers', tag: 'v1', layers: [[random('a')], [random('b')]] });
});
after(async () => {
  await engine?.removeCluster(cluster);
  await engine?.close();
  await registry?.close();
  // In use by pods of other clusters they may stay; absent they may be when a test failed early.
  for (const image of unwantedImages)
    await outside
      .getImage(image)
      .remove()
      .catch(() => {});
});

let numbers = 0;
const nextNumber = () => ++numbers;
const nextIP = () => `${prefix}.1.${nextNumber() + 1}`;
const nextPort = () => 31_000 + (process.pid % 500) + nextNumber();

// A shell that waits for its exit code on a pipe uses no time and ends at once.
const command = ['sh', '-c', 'mkfifo /tmp/exit; read code </tmp/exit; exit $code'];
const inShell = (runtime: Runtime, id: string, script: string) => runtime.exec(id, ['sh', '-c', script], 10_000);

runtimeContract('docker', async () => {
  const place = { cluster, machine: 'core-01' };
  const runtime = engine.machine(place);
  return {
    runtime,
    image: testImage,
    absentImage: `${registry.address}/nowhere:1`,
    command,
    end: async (id, exitCode) => {
      await inShell(runtime, id, `while [ ! -p /tmp/exit ]; do usleep 1000; done; echo ${exitCode} >/tmp/exit`);
    },
    say: async (id, line) => {
      await inShell(runtime, id, `echo ${line} >/proc/1/fd/1`);
    },
    nextIP,
    nextPort,
    reopen: async () => engine.machine(place),
    close: () => runtime.close(),
  };
});

const aPod = (): PodIdentity => ({ namespace: 'default', name: `own-${nextNumber()}`, uid: `own-uid-${numbers}` });
const sandboxOf = (pod: PodIdentity, parts: Partial<SandboxConfig> = {}): SandboxConfig => ({
  pod,
  hostname: pod.name,
  ip: nextIP(),
  hostNetwork: false,
  ports: [],
  annotations: {},
  ...parts,
});
const containerOf = (pod: PodIdentity, script: string, parts: Partial<ContainerConfig> = {}): ContainerConfig => ({
  pod,
  name: 'main',
  specHash: 'abc123',
  image: testImage,
  command: ['sh', '-c', script],
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
  ...parts,
});
/** Runs a script in a pod of its own. */
const run = async (script: string, parts: Partial<ContainerConfig> = {}, on = machine) => {
  const pod = aPod();
  const sandbox = await on.runSandbox(sandboxOf(pod));
  return { pod, sandbox, id: await on.startContainer(sandbox, containerOf(pod, script, parts)) };
};
const statusOf = async (id: string) =>
  (await machine.listPods()).flatMap(({ containers }) => containers).find((container) => container.id === id)!;
const ended = (id: string) =>
  waitFor(() => events.some((event) => event.type === 'died' && event.containerId === id), {
    what: `the end of ${id}`,
  });
const logOf = async (id: string) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of machine.logs(id, { follow: true, timestamps: false }, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
/** What a script prints until it ends. */
const printed = async (script: string, parts: Partial<ContainerConfig> = {}) => logOf((await run(script, parts)).id);

test('containers and sandboxes have the names of Kubernetes', async () => {
  const { pod, sandbox, id } = await run('sleep 60');
  const nameOf = async (of: string) => (await outside.getContainer(of).inspect()).Name;
  const rest = `${pod.name}_default_${pod.uid}_[0-9a-f]{8}$`;
  assert.match(await nameOf(id), new RegExp(`^/k8s_main\\.abc123_${rest}`));
  assert.match(await nameOf(sandbox), new RegExp(`^/k8s_POD\\.[0-9a-f]{1,8}_${rest}`));
});

test('containers of a pod share address, name and host files; pods of other machines reach them', async () => {
  const pod = aPod();
  const config = sandboxOf(pod, {
    hostname: 'web-1',
    dns: { nameservers: ['10.0.0.10'], searches: ['x.local'], options: ['ndots:5'] },
  });
  const sandbox = await machine.runSandbox(config);
  await machine.startContainer(sandbox, containerOf(pod, 'echo hello >/tmp/index.html; exec httpd -f -p 80 -h /tmp'));
  const fetch = (host: string) => `until wget -q -O - http://${host}/index.html; do usleep 20000; done`;
  const script = `${fetch('127.0.0.1')}; hostname; grep -v nameserver /etc/resolv.conf`;
  const neighbour = await machine.startContainer(sandbox, containerOf(pod, script, { name: 'neighbour' }));
  assert.equal(await logOf(neighbour), 'hello\nweb-1\nsearch x.local\noptions ndots:5\n');
  // The name server that pods see is Docker's own, which asks the one that was given.
  assert.deepEqual((await outside.getContainer(sandbox).inspect()).HostConfig.Dns, ['10.0.0.10']);

  const other = engine.machine({ cluster, machine: 'core-02' });
  const { id } = await run(fetch(config.ip!), {}, other);
  assert.equal(await logOf(id), 'hello\n');
  assert.equal(
    (await machine.listPods()).some(({ containers }) => containers.some((c) => c.id === id)),
    false,
  );
  await other.close();
});

test('a pod with the network of the host sees its interfaces and has no address of its own', async () => {
  const pod = aPod();
  const { ip: _none, ...config } = sandboxOf(pod, { hostNetwork: true });
  const sandbox = await machine.runSandbox(config);
  const id = await machine.startContainer(sandbox, containerOf(pod, 'ls /sys/class/net'));
  assert.ok((await logOf(id)).split('\n').includes(network.bridge));
  const found = (await machine.listPods()).find(({ identity }) => identity.uid === pod.uid);
  assert.equal(found?.sandboxes[0]?.ip, undefined);
});

test('a host port leads to the container', async () => {
  const pod = aPod();
  const hostPort = nextPort();
  const ports = [{ containerPort: 8080, hostPort, hostIP: '', protocol: 'TCP' as const }];
  const sandbox = await machine.runSandbox(sandboxOf(pod, { ports }));
  await machine.startContainer(sandbox, containerOf(pod, 'echo port >/tmp/index.html; exec httpd -f -p 8080 -h /tmp'));
  const url = `http://127.0.0.1:${hostPort}/index.html`;
  const text = await waitFor(async () => (await fetch(url, { signal: AbortSignal.timeout(1_000) })).text());
  assert.equal(text, 'port\n');
});

test('environment, arguments, directory, mounts, user and capabilities reach the process', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-mount-'));
  writeFileSync(join(dir, 'in'), 'from the host\n');
  const script =
    'echo "$GREETING" "$@"; pwd; id -u; cat /data/in; touch /data/out && echo writable; ' +
    'touch /ro/x || touch /x || echo read-only; grep CapEff /proc/self/status';
  const log = await printed(script, {
    args: ['zero', 'one', 'two words'],
    env: [{ name: 'GREETING', value: 'good "day"=$HOME' }],
    workingDir: '/tmp',
    mounts: [
      { hostPath: dir, containerPath: '/data', readOnly: false },
      { hostPath: dir, containerPath: '/ro', readOnly: true },
    ],
    readOnlyRootFilesystem: true,
    addCapabilities: ['SYS_TIME'],
    dropCapabilities: ['CHOWN'],
  });
  const lines = log.split('\n').filter((line) => !line.startsWith('touch:'));
  assert.deepEqual(lines.slice(0, 6), [
    'good "day"=$HOME one two words',
    '/tmp',
    '0',
    'from the host',
    'writable',
    'read-only',
  ]);
  const effective = Number.parseInt(/CapEff:\s*([0-9a-f]+)/.exec(log)![1]!, 16);
  assert.equal(effective & 1, 0, 'CHOWN is bit 0');
  assert.notEqual(effective & (1 << 25), 0, 'SYS_TIME is bit 25');
  assert.equal(readFileSync(join(dir, 'out'), 'utf8'), '');
  assert.equal(await printed('id -u', { user: '65534' }), '65534\n');
  rmSync(dir, { recursive: true });
});

test('limits reach the engine', async () => {
  const { id } = await run('sleep 60', { cpuShares: 256, cpuMillis: 250, memoryBytes: 32 * 2 ** 20 });
  const { CpuShares, CpuPeriod, CpuQuota, Memory, MemorySwap } = (await outside.getContainer(id).inspect()).HostConfig;
  assert.deepEqual([CpuShares, CpuPeriod, CpuQuota], [256, 100_000, 25_000]);
  assert.deepEqual([Memory, MemorySwap], [32 * 2 ** 20, 32 * 2 ** 20]);
});

test('a container that takes more memory than its limit is killed, and that is told', async () => {
  const { id } = await run('dd if=/dev/zero of=/dev/null bs=128M; exit $?', { memoryBytes: 16 * 2 ** 20 });
  await ended(id);
  const { exitCode, oomKilled } = await statusOf(id);
  assert.deepEqual({ exitCode, oomKilled }, { exitCode: 137, oomKilled: true });
});

test('a container killed from outside is heard of and has its exit code', async () => {
  const { id, pod } = await run('sleep 60');
  await outside.getContainer(id).kill();
  await ended(id);
  assert.deepEqual(events.find((event) => event.type === 'died' && event.containerId === id)?.pod, pod);
  assert.equal((await statusOf(id)).exitCode, 137);
});

test('a container that cannot start is refused in the words of the engine and left behind as ended', async () => {
  const pod = aPod();
  const sandbox = await machine.runSandbox(sandboxOf(pod));
  await assert.rejects(
    machine.startContainer(sandbox, containerOf(pod, '', { command: ['/no/such/program'] })),
    /no such file or directory/,
  );
  const found = (await machine.listPods()).find(({ identity }) => identity.uid === pod.uid)!;
  const [container] = found.containers;
  assert.equal(container?.state, 'exited');
  assert.equal(container.exitCode, 127);
  assert.equal(container.startedAt, undefined);
  assert.match(container.error!, /no such file or directory/);
});

test('stopping gives the container its time, and not more', async () => {
  const { id: polite } = await run("trap 'exit 5' TERM; echo ready; while :; do usleep 10000; done");
  for await (const _ready of machine.logs(polite, { follow: true, timestamps: false }, signal)) break;
  await machine.stopContainer(polite, 10);
  assert.equal((await statusOf(polite)).exitCode, 5);

  const { id: deaf } = await run("trap '' TERM; sleep 60");
  const begin = performance.now();
  await machine.stopContainer(deaf, 1);
  assert.ok(performance.now() - begin < 3_000);
  assert.equal((await statusOf(deaf)).exitCode, 137);
});

test('exec gives output of both streams cut at 10 KiB, exit codes, and up after its time', async () => {
  const { id } = await run('sleep 60');
  const both = await inShell(machine, id, 'echo out; echo err >&2; exit 7');
  assert.equal(both.exitCode, 7);
  assert.deepEqual(both.output.trim().split('\n').sort(), ['err', 'out'], 'in any order: they are two pipes');
  const { output } = await inShell(machine, id, 'yes | head -c 100000');
  assert.equal(output.length, 10 * 1024);
  await assert.rejects(machine.exec(id, ['sleep', '60'], 200), /timed out after 200 ms: sleep 60/);
  assert.notEqual((await machine.exec(id, ['/no/such/program'], 10_000)).exitCode, 0);
});

test('a terminal writes its log without frames', async () => {
  assert.equal(await printed('echo hello', { tty: true }), 'hello\r\n');
});

test('the sandbox ends at once, sleeps without using time, and reaps the orphans of its pod', async () => {
  const pod = aPod();
  const sandbox = await machine.runSandbox(sandboxOf(pod));
  // A guest in the sandbox's process namespace leaves an orphan to process 1 and looks on.
  const guest = await outside.createContainer({
    Image: testImage,
    Labels: { 'kubecfg.cluster': cluster },
    HostConfig: { PidMode: `container:${sandbox}` },
    Cmd: [
      'sh',
      '-c',
      "(sh -c 'usleep 100000; :' &); cat /proc/1/stat; usleep 400000; cat /proc/1/stat; grep -h ^State /proc/[0-9]*/status",
    ],
  });
  await guest.start();
  const [before, later, ...states] = (await logOf(guest.id)).trim().split('\n');
  // proc(5): the third field of stat is the state, 14 and 15 are the time used so far.
  assert.equal(before!.split(' ')[2], 'S');
  assert.deepEqual(later!.split(' ').slice(13, 15), before!.split(' ').slice(13, 15));
  assert.deepEqual(
    states.filter((state) => state.includes('zombie')),
    [],
  );
  await guest.remove({ force: true });

  const begin = performance.now();
  await outside.getContainer(sandbox).stop({ t: 10 });
  assert.ok(performance.now() - begin < 1_000, 'stopped within a second');
  assert.equal((await outside.getContainer(sandbox).inspect()).State.ExitCode, 0);
});

test('a pruned pause image comes back by itself', async () => {
  await engine.removeMachine({ cluster, machine: 'core-09' });
  const other = engine.machine({ cluster, machine: 'core-09' });
  unwantedImages.push((await outside.getImage(pauseImage).inspect()).Id);
  await outside.getImage(pauseImage).remove({ force: true });
  await other.runSandbox(sandboxOf(aPod()));
  await engine.removeMachine({ cluster, machine: 'core-09' });
  await other.close();
});

test('a pull tells its progress and brings the image', async () => {
  const image = `${registry.address}/two-layers:v1`;
  unwantedImages.push(image);
  const progress: PullProgress[] = [];
  await machine.pullImage(image, (p) => progress.push(p), signal);
  assert.equal((await machine.inspectImage(image))?.user, 'nobody');
  assert.ok(progress.length > 2);
  const last = progress.at(-1)!;
  assert.equal(last.current, last.total);
  assert.ok(progress.every(({ current }, i) => current >= (progress[i - 1]?.current ?? 0)));
});

test('a registry that is not there is named', async () => {
  await assert.rejects(
    machine.pullImage('127.0.0.1:1/web:1', () => {}, signal),
    (error) =>
      error instanceof ImageError &&
      /^registry 127\.0\.0\.1:1 cannot be reached: .*connection refused/.test(error.message),
  );
});

test('a pull can be given up', async () => {
  const giveUp = new AbortController();
  giveUp.abort(new Error('no longer wanted'));
  await assert.rejects(
    machine.pullImage(`${registry.address}/two-layers:v1`, () => {}, giveUp.signal),
    /no longer wanted/,
  );
});

test('no engine: the error says where it looked and the two ways out', async () => {
  await assert.rejects(
    connectDocker({ ...options, socket: '/run/no-such.sock' }),
    (error) =>
      error instanceof NoEngineError && /\/run\/no-such\.sock.*Install Docker.*--runtime hollow/s.test(error.message),
  );
});

test('machines and clusters are stopped, listed and removed by their labels', async () => {
  const name = `${cluster}-b`;
  const range = prefix.replace(/\d+$/, (n) => String(Number(n) + 1));
  const network = await engine.ensureNetwork({ cluster: name, subnet: `${range}.0.0/16`, gateway: `${range}.0.1` });
  assert.deepEqual(await engine.ensureNetwork({ cluster: name, subnet: '10.1.0.0/16', gateway: '10.1.0.1' }), network);
  const start = async (machineName: string, ip: string) => {
    const on = engine.machine({ cluster: name, machine: machineName });
    const pod = aPod();
    const sandbox = await on.runSandbox(sandboxOf(pod, { ip }));
    await on.startContainer(sandbox, containerOf(pod, "trap 'exit 0' TERM; while :; do usleep 10000; done"));
    return on;
  };
  const first = await start('core-01', `${range}.1.2`);
  await start('core-02', `${range}.2.2`);
  const find = async () => (await engine.listClusters()).find((found) => found.name === name);
  assert.deepEqual(await find(), { name, machines: ['core-01', 'core-02'], containers: 4, running: 4 });

  await engine.stopMachine({ cluster: name, machine: 'core-01' }, { kill: false });
  assert.deepEqual(await find(), { name, machines: ['core-01', 'core-02'], containers: 4, running: 2 });
  const [pod] = await first.listPods();
  assert.equal(pod?.sandboxes[0]?.state, 'exited');
  assert.equal(pod.containers[0]?.exitCode, 0);

  await engine.stopMachine({ cluster: name, machine: 'core-02' }, { kill: true });
  assert.equal((await find())?.running, 0);
  await engine.removeCluster(name);
  assert.equal(await find(), undefined);
});

test('an engine that goes away is told, refuses calls, and is found again when it is back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-socket-'));
  const socket = join(dir, 'docker.sock');
  let relay = await startRelay(socket);
  const remote = await connectDocker({ ...options, socket });
  const on = remote.machine({ cluster, machine: 'core-01' });
  const heard: string[] = [];
  on.subscribe(({ type }) => heard.push(type));
  const pods = await on.listPods();

  await relay.close();
  await waitFor(() => heard.includes('gone'));
  await assert.rejects(on.listPods(), RuntimeGoneError);

  relay = await startRelay(socket);
  await waitFor(() => heard.includes('back'));
  assert.deepEqual(await on.listPods(), pods);
  await remote.close();
  await relay.close();
  rmSync(dir, { recursive: true });
});

/** Stands before the engine as its socket, so that an engine can vanish without harm to the real one. */
async function startRelay(socket: string): Promise<{ close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect('/var/run/docker.sock');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const each of open) each.destroy();
      }),
  };
}
