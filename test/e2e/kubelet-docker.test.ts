/** A kubelet on the Docker engine of this machine, under an API server in this process. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Docker from 'dockerode';
import { Event, Node, Pod, Secret, Service } from '../../src/core/api/kinds/index.ts';
import type { Draft, Stored } from '../../src/core/api/object.ts';
import { isNotFound } from '../../src/core/api/status.ts';
import { type ApiServer, createApiServer } from '../../src/core/apiserver/index.ts';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { unmountBelow } from '../../src/core/async/mounts.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { Client } from '../../src/core/client/client.ts';
import { createInformers, type Informers } from '../../src/core/client/informers.ts';
import { createRecorder } from '../../src/core/client/recorder.ts';
import { type Kubelet, startKubelet } from '../../src/core/kubelet/index.ts';
import { connectDocker, type DockerEngine } from '../../src/core/runtime/docker/index.ts';
import { openEmbeddedStore, type Store } from '../../src/core/store/index.ts';
import { ensureTestImage, testImage } from '../helpers/images.ts';
import { waitFor } from '../helpers/wait.ts';

const cluster = `kubelet-test-${process.pid}`;
const nodeName = 'core-01';
const deps = { clock: realClock, random: systemRandom, log: silentLog };
const outside = new Docker();
const rootDir = mkdtempSync(join(tmpdir(), 'kubelet-'));

let engine: DockerEngine;
let store: Store;
let server: ApiServer;
let client: Client;
let informers: Informers;
let kubelet: Kubelet;
let podCIDR: string;

before(async () => {
  engine = await connectDocker(deps);
  await Promise.all([ensureTestImage(), engine.ensurePauseImage()]);
  const used = new Set((await engine.usedSubnets()).map((subnet) => subnet.split('.').slice(0, 2).join('.')));
  const prefix = Array.from({ length: 55 }, (_, i) => `10.${145 + i}`).find((range) => !used.has(range))!;
  podCIDR = `${prefix}.1.0/24`;
  await engine.ensureNetwork({ cluster, subnet: `${prefix}.0.0/16`, gateway: `${prefix}.0.1` });
  store = await openEmbeddedStore(deps);
  server = await createApiServer({ store, ...deps, portalNet: '10.0.0.0/16', nodeConnection: () => kubelet });
  client = new Client(server.transport);
  informers = createInformers(client, deps);
  kubelet = start();
  await waitFor(async () => (await client.get(Node, '', nodeName)).status.conditions?.some((c) => c.type === 'Ready'));
});
after(async () => {
  await kubelet?.stop();
  await informers?.stop();
  await server?.close();
  await store?.close();
  await engine?.removeCluster(cluster);
  await engine?.close();
  await unmountBelow(rootDir);
  rmSync(rootDir, { recursive: true, force: true });
});

function start(): Kubelet {
  return startKubelet({
    ...{ client, informers, ...deps, rootDir, heartbeatMs: 2_000 },
    recorder: createRecorder(client, { component: 'kubelet', host: nodeName, ...deps }),
    runtime: engine.machine({ cluster, machine: nodeName, address: '127.0.0.1' }),
    node: { name: nodeName, machineID: '0'.repeat(32), address: '127.0.0.1', podCIDR },
  });
}

const run = (script: string) => ({ name: 'main', image: testImage, command: ['sh', '-c', script] });
const forever = 'trap "exit 0" TERM; echo up; while :; do sleep 0.1; done';

function create(name: string, spec: Draft<Pod['spec']> = {}): Promise<Stored<Pod>> {
  return client.create(Pod, {
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { nodeName, terminationGracePeriodSeconds: 5, containers: [run(forever)], ...spec },
  });
}
const pod = (name: string) => client.get(Pod, 'default', name);
function until(name: string, wanted: (pod: Stored<Pod>) => unknown, withinMs = 15_000): Promise<Stored<Pod>> {
  return waitFor(() => pod(name), { until: wanted, withinMs });
}
const running = (name: string) => until(name, ({ status }) => status.phase === 'Running');
const isGone = (name: string) => pod(name).then(() => false, isNotFound);
async function remove(name: string): Promise<void> {
  await client.delete(Pod, 'default', name);
  await waitFor(() => isGone(name), { withinMs: 15_000 });
}
async function log(name: string, options = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  const signal = new AbortController().signal;
  for await (const chunk of client.logs(Pod, 'default', name, options, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
const containers = () => outside.listContainers({ all: true, filters: { label: [`kubecfg.cluster=${cluster}`] } });

// The time it takes is told, not judged: the benchmark of the kubelet does that.
test('a pod gets to Running, and is gone when it is deleted', async (t) => {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const begun = performance.now();
    await create(`quick-${i}`);
    await running(`quick-${i}`);
    times.push(performance.now() - begun);
    await remove(`quick-${i}`);
  }
  t.diagnostic(`create → Running: ${times.map((ms) => Math.round(ms)).join(', ')} ms`);
  assert.deepEqual(await containers(), []);
});

test('environment, volumes, limits, user and termination message reach the process', async () => {
  await client.create(Service, {
    metadata: { name: 'db-main', namespace: 'default' },
    spec: { clusterIP: '10.0.7.7', ports: [{ name: 'sql', port: 5432 }] },
  });
  await client.create(Secret, { metadata: { name: 'keys', namespace: 'default' }, stringData: { token: 's3cret' } });
  const hostDir = mkdtempSync(join(tmpdir(), 'kubelet-host-'));
  writeFileSync(join(hostDir, 'given'), 'from the host');
  chmodSync(hostDir, 0o755);
  const script =
    'echo $DB_MAIN_SERVICE_HOST $DB_MAIN_SERVICE_PORT_SQL $GREETING $POD_IP $HOSTNAME; hostname; id -u; cat /keys/token /host/given; ' +
    'echo; ls -ld /scratch | cut -c1-10; echo shared > /scratch/file; cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; ' +
    'echo bye > /dev/termination-log; exit 3';
  const container = {
    ...run(script),
    env: [
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
      { name: 'GREETING', value: 'hello-$(TOKEN)' },
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ],
    resources: { limits: { memory: '64Mi', cpu: '500m' } },
    securityContext: { runAsUser: 1000 },
    volumeMounts: [
      { name: 'scratch', mountPath: '/scratch' },
      { name: 'keys', mountPath: '/keys' },
      { name: 'host', mountPath: '/host', readOnly: true },
    ],
  };
  await create('full', {
    restartPolicy: 'Never',
    containers: [container],
    volumes: [
      { name: 'scratch' },
      { name: 'keys', secret: { secretName: 'keys' } },
      { name: 'host', hostPath: { path: hostDir } },
    ],
  });
  const { status, metadata } = await until('full', (p) => p.status.phase === 'Failed');

  const [first, hostname, user, given, mode, memory] = (await log('full')).split('\n');
  assert.equal(first, `10.0.7.7 5432 hello-s3cret ${status.podIP} full`);
  assert.equal(hostname, 'full');
  assert.equal(user, '1000');
  assert.equal(given, 's3cretfrom the host');
  assert.equal(mode, 'drwxrwxrwx');
  assert.equal(memory, String(64 * 2 ** 20));
  const end = status.containerStatuses![0]!.state.terminated!;
  assert.deepEqual([end.exitCode, end.reason, end.message], [3, 'Error', 'bye']);
  const emptyDir = join(rootDir, 'pods', metadata.uid, 'volumes', 'kubernetes.io~empty-dir', 'scratch');
  assert.equal(readFileSync(join(emptyDir, 'file'), 'utf8'), 'shared\n');

  await remove('full');
  // The API forgets pods that have ended at once; the kubelet cleans up after it.
  await waitFor(() => readdirSync(join(rootDir, 'pods')).length === 0);
  assert.equal(readFileSync(join(hostDir, 'given'), 'utf8'), 'from the host');
  rmSync(hostDir, { recursive: true });
});

test('containers outlive the kubelet and are adopted, not restarted', async () => {
  await create('kept');
  await running('kept');
  const kept = async () => {
    const ofPod = (await containers()).filter((c) => c.Labels['io.kubernetes.pod.name'] === 'kept');
    return ofPod.map((c) => [c.Id, c.State]).sort();
  };
  const before = await kept();
  await kubelet.stop();
  kubelet = start();
  await waitFor(async () => (await log('kept')) === 'up\n');
  await create('later');
  await running('later');
  assert.deepEqual(await kept(), before);
  assert.equal((await pod('kept')).status.containerStatuses?.[0]?.restartCount, 0);
  await Promise.all([remove('kept'), remove('later')]);
});

test('a killed container comes back at once, and is counted', async () => {
  await create('hurt');
  const { status } = await running('hurt');
  const id = status.containerStatuses![0]!.containerID!.replace('docker://', '');
  const begun = performance.now();
  await outside.getContainer(id).kill();
  const again = await until('hurt', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
  assert.ok(performance.now() - begun < 5_000);
  assert.equal(again.status.containerStatuses?.[0]?.lastState.terminated?.exitCode, 137);
  assert.equal(await log('hurt', { previous: true }), 'up\n');
  await remove('hurt');
});

test('probes reach the pod over its own address', async () => {
  const web = {
    ...run('mkdir /tmp/www; sleep 1; echo ok > /tmp/www/ready; exec httpd -f -p 8080 -h /tmp/www'),
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1 },
    livenessProbe: {
      exec: { command: ['cat', '/tmp/www/ready'] },
      initialDelaySeconds: 3,
      periodSeconds: 1,
      failureThreshold: 1,
    },
  };
  await create('probed', { containers: [web], terminationGracePeriodSeconds: 0 });
  const { status } = await running('probed');
  assert.equal(status.containerStatuses?.[0]?.ready, false);
  const ready = await until('probed', (p) => p.status.containerStatuses?.[0]?.ready);

  const id = ready.status.containerStatuses![0]!.containerID!.replace('docker://', '');
  const exec = await outside.getContainer(id).exec({ Cmd: ['rm', '/tmp/www/ready'] });
  await exec.start({});
  await until('probed', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
  await remove('probed');
});

test('an image that nobody has: the pod waits and says why', async () => {
  await create('lost', { containers: [{ name: 'main', image: '127.0.0.1:9/no/such:1' }] });
  const { status } = await until(
    'lost',
    (p) => p.status.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull',
  );
  assert.equal(status.phase, 'Pending');
  await until('lost', (p) => p.status.containerStatuses?.[0]?.state.waiting?.reason === 'ImagePullBackOff');
  const { items } = await client.list(Event);
  assert.ok(
    items.some((e) => e.reason === 'failed' && /^Failed to pull image "127.0.0.1:9\/no\/such:1"/.test(e.message!)),
  );
  await remove('lost');
});

test('a command that is not in the image: the container cannot run, and is tried again with back-off', async () => {
  await create('broken', { containers: [{ name: 'main', image: testImage, command: ['/no/such'] }] });
  const { status } = await until(
    'broken',
    (p) => p.status.containerStatuses?.[0]?.state.waiting?.reason === 'CrashLoopBackOff',
  );
  const end = status.containerStatuses![0]!.lastState.terminated!;
  assert.equal(end.reason, 'ContainerCannotRun');
  assert.match(end.message!, /no such file or directory/);
  await remove('broken');
});

test('a process that ignores its signal is killed when the grace is over', async () => {
  await create('stubborn', {
    terminationGracePeriodSeconds: 2,
    containers: [run('trap "" TERM; while :; do sleep 0.1; done')],
  });
  await running('stubborn');
  const begun = performance.now();
  await remove('stubborn');
  const took = performance.now() - begun;
  assert.ok(took > 1_800 && took < 4_000, `${took} ms`);
});

test('a memory-backed emptyDir is a tmpfs, and leaves no mount behind', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async () => {
  const container = { ...run('mount | grep "on /mem "; exit 0'), volumeMounts: [{ name: 'mem', mountPath: '/mem' }] };
  const volumes = [{ name: 'mem', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } }];
  await create('memory', { restartPolicy: 'Never', containers: [container], volumes });
  const { metadata } = await until('memory', (p) => p.status.phase === 'Succeeded');
  assert.match(await log('memory'), /^tmpfs on \/mem type tmpfs .*size=8192k/);
  await remove('memory');
  await waitFor(() => !existsSync(join(rootDir, 'pods', metadata.uid)));
  assert.ok(!readFileSync('/proc/mounts', 'utf8').includes(rootDir));
});
