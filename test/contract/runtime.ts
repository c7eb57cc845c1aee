/** What every Runtime promises. An implementation's test calls runtimeContract with a machine to run it on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type ContainerConfig,
  ImageError,
  type PodIdentity,
  type PullProgress,
  type Runtime,
  type RuntimeContainer,
  type RuntimeEvent,
  type RuntimePod,
  type SandboxConfig,
} from '../../src/core/runtime/runtime.ts';
import { waitFor } from '../helpers/wait.ts';

export interface RuntimeUnderTest {
  runtime: Runtime;
  /** An image that is on the machine. */
  image: string;
  /** One that is not, nor in any registry. */
  absentImage: string;
  /** A process that lives until `end` tells it its exit code and writes what `say` is given. */
  command: readonly string[];
  end(containerId: string, exitCode: number): Promise<void>;
  say(containerId: string, line: string): Promise<void>;
  /** Free addresses of the pod network and free ports of the machine. */
  nextIP(): string;
  nextPort(): number;
  /** What a restarted daemon would open on the same machine. */
  reopen(): Promise<Runtime>;
  close(): Promise<void>;
}

const anySignal = new AbortController().signal;
const wholeLog = { follow: false, timestamps: false };

export function runtimeContract(name: string, open: () => Promise<RuntimeUnderTest>): void {
  describe(`runtime contract: ${name}`, () => {
    let machine: RuntimeUnderTest;
    let runtime: Runtime;
    const events: RuntimeEvent[] = [];

    before(async () => {
      machine = await open();
      runtime = machine.runtime;
      runtime.subscribe((event) => events.push(event));
    });
    after(() => machine?.close());

    let pods = 0;
    const aPod = (): PodIdentity => {
      const name = `pod-${++pods}`;
      return { namespace: 'default', name, uid: `uid-of-${name}` };
    };
    const sandboxConfig = (pod: PodIdentity, parts: Partial<SandboxConfig> = {}): SandboxConfig => ({
      pod,
      hostname: pod.name,
      ip: machine.nextIP(),
      hostNetwork: false,
      ports: [],
      annotations: {},
      ...parts,
    });
    const containerConfig = (pod: PodIdentity, parts: Partial<ContainerConfig> = {}): ContainerConfig => ({
      pod,
      name: 'main',
      specHash: 'abc123',
      image: machine.image,
      command: machine.command,
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
    /** A pod with one running container. */
    const runPod = async () => {
      const pod = aPod();
      const sandbox = await runtime.runSandbox(sandboxConfig(pod));
      return { pod, sandbox, container: await runtime.startContainer(sandbox, containerConfig(pod)) };
    };
    const find = async (pod: PodIdentity, from = runtime): Promise<RuntimePod | undefined> =>
      (await from.listPods()).find(({ identity }) => identity.uid === pod.uid);
    const statusOf = async (pod: PodIdentity, id: string): Promise<RuntimeContainer> =>
      (await find(pod))!.containers.find((container) => container.id === id)!;
    const hear = async (type: RuntimeEvent['type'], id: string): Promise<RuntimeEvent> => {
      const heard = () => events.find((event) => event.type === type && event.containerId === id);
      return (await waitFor(heard, { what: `${type} of ${id}` }))!;
    };
    const readLog = async (id: string, query: Parameters<Runtime['logs']>[1] = wholeLog): Promise<string> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of runtime.logs(id, query, anySignal)) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };

    test('tells what the machine is', async () => {
      const info = await runtime.info();
      assert.match(info.version, /^[a-z]+:\/\/.+/);
      assert.ok(info.cpus >= 1);
      assert.ok(info.memoryBytes > 0);
      assert.match(info.architecture, /^(amd64|arm64)$/);
    });

    test('a sandbox is listed with its pod, address and annotations', async () => {
      const pod = aPod();
      const config = sandboxConfig(pod, { annotations: { key: 'value, "quoted"' } });
      const id = await runtime.runSandbox(config);
      const found = await find(pod);
      assert.deepEqual(found?.identity, pod);
      assert.deepEqual(found.containers, []);
      const [{ createdAt, ...sandbox }] = found.sandboxes as [RuntimePod['sandboxes'][number]];
      assert.deepEqual(sandbox, { id, state: 'running', ip: config.ip, annotations: config.annotations });
      assert.ok(createdAt > 0);
    });

    test('a container is listed as running with what it was started with', async () => {
      const pod = aPod();
      const sandbox = await runtime.runSandbox(sandboxConfig(pod));
      const config = containerConfig(pod, { name: 'web', specHash: 'f00', annotations: { restartCount: '2' } });
      const id = await runtime.startContainer(sandbox, config);
      const { createdAt, startedAt, imageID, ...status } = await statusOf(pod, id);
      assert.deepEqual(status, {
        id,
        name: 'web',
        specHash: 'f00',
        image: machine.image,
        state: 'running',
        annotations: { restartCount: '2' },
      });
      assert.match(imageID, /^[a-z]+:\/\/.+/);
      assert.ok(startedAt! >= createdAt);
    });

    test('containers of a pod are listed oldest first, also those that ended', async () => {
      const { pod, sandbox, container: first } = await runPod();
      await runtime.stopContainer(first, 0);
      const second = await runtime.startContainer(sandbox, containerConfig(pod));
      const third = await runtime.startContainer(sandbox, containerConfig(pod, { name: 'helper' }));
      const listed = (await find(pod))!.containers.map(({ id, name, state }) => ({ id, name, state }));
      assert.deepEqual(listed, [
        { id: first, name: 'main', state: 'exited' },
        { id: second, name: 'main', state: 'running' },
        { id: third, name: 'helper', state: 'running' },
      ]);
    });

    test('when `died` is heard, the list has the end and its exit code', async () => {
      const { pod, container } = await runPod();
      await machine.end(container, 3);
      const died = await hear('died', container);
      assert.deepEqual(died.pod, pod);
      const status = await statusOf(pod, container);
      assert.equal(status.state, 'exited');
      assert.equal(status.exitCode, 3);
      assert.equal(status.oomKilled, false);
      assert.ok(status.finishedAt! >= status.startedAt!);
    });

    test('the events of a pod come in the order of its life', async () => {
      const { pod, sandbox, container } = await runPod();
      await runtime.stopContainer(container, 0);
      await runtime.removeContainer(container);
      await runtime.removeSandbox(sandbox);
      await hear('removed', sandbox);
      const heard = events.filter((event) => event.pod?.uid === pod.uid);
      assert.deepEqual(
        heard.map(({ type, containerId }) => `${type} ${containerId === sandbox ? 'sandbox' : 'container'}`),
        [
          'started sandbox',
          'started container',
          'died container',
          'removed container',
          'died sandbox',
          'removed sandbox',
        ],
      );
    });

    test('stopping ends a container; doing it again, or to one that is not there, is harmless', async () => {
      const { pod, container } = await runPod();
      await runtime.stopContainer(container, 0);
      const status = await statusOf(pod, container);
      assert.equal(status.state, 'exited');
      assert.notEqual(status.exitCode, 0);
      await runtime.stopContainer(container, 0);
      await runtime.removeContainer(container);
      await runtime.removeContainer(container);
      await runtime.stopContainer(container, 0);
      assert.deepEqual((await find(pod))?.containers, []);
    });

    test('removing a sandbox removes its containers; doing it again is harmless', async () => {
      const { pod, sandbox } = await runPod();
      await runtime.removeSandbox(sandbox);
      assert.equal(await find(pod), undefined);
      await runtime.removeSandbox(sandbox);
    });

    test('a sandbox whose address or port is taken is refused and leaves nothing', async () => {
      const ip = machine.nextIP();
      const ports = [{ containerPort: 80, hostPort: machine.nextPort(), hostIP: '', protocol: 'TCP' as const }];
      const first = await runtime.runSandbox(sandboxConfig(aPod(), { ip, ports }));
      const second = aPod();
      await assert.rejects(runtime.runSandbox(sandboxConfig(second, { ip })), /[Aa]ddress already in use/);
      await assert.rejects(runtime.runSandbox(sandboxConfig(second, { ports })), /port is already allocated/);
      assert.equal(await find(second), undefined);

      await runtime.removeSandbox(first);
      await runtime.runSandbox(sandboxConfig(second, { ip, ports }));
    });

    test('a container cannot start in a sandbox that is not there', async () => {
      const pod = aPod();
      const sandbox = await runtime.runSandbox(sandboxConfig(pod));
      await runtime.removeSandbox(sandbox);
      await assert.rejects(runtime.startContainer(sandbox, containerConfig(pod)));
    });

    test('an image that is nowhere is missed, refused and cannot be pulled', async () => {
      const pod = aPod();
      const sandbox = await runtime.runSandbox(sandboxConfig(pod));
      const image = machine.absentImage;
      assert.equal(await runtime.inspectImage(image), undefined);
      await assert.rejects(runtime.startContainer(sandbox, containerConfig(pod, { image })), ImageError);
      const progress: PullProgress[] = [];
      await assert.rejects(
        runtime.pullImage(image, (p) => progress.push(p), anySignal),
        (error) =>
          error instanceof ImageError && error.reason === 'ErrImagePull' && error.message.includes('not found'),
      );
    });

    test('an image name that is none is called invalid', async () => {
      const isInvalid = (error: unknown) => error instanceof ImageError && error.reason === 'InvalidImageName';
      await assert.rejects(runtime.inspectImage('Not A Name'), isInvalid);
      await assert.rejects(
        runtime.pullImage('UPPER/case', () => {}, anySignal),
        isInvalid,
      );
    });

    test('an image that is there has an id', async () => {
      const image = await runtime.inspectImage(machine.image);
      assert.match(image!.id, /^[a-z]+:\/\/.+/);
      assert.equal(image!.user, '');
    });

    test('logs come whole, as a tail, since a moment, and with timestamps', async () => {
      const { pod, container } = await runPod();
      for (const line of ['one', 'two', 'three']) await machine.say(container, line);
      const { startedAt } = await statusOf(pod, container);
      await waitFor(() => readLog(container), { until: (log) => log.endsWith('one\ntwo\nthree\n') });
      assert.equal(await readLog(container, { ...wholeLog, tailLines: 2 }), 'two\nthree\n');
      assert.equal(await readLog(container, { ...wholeLog, tailLines: 0 }), '');
      assert.match(await readLog(container, { ...wholeLog, stream: 'stdout' }), /one\ntwo\nthree\n$/);
      assert.doesNotMatch(await readLog(container, { ...wholeLog, stream: 'stderr' }), /one|two|three/);
      assert.equal(await readLog(container, { ...wholeLog, since: startedAt! + 3_600_000 }), '');
      assert.match(await readLog(container, { ...wholeLog, since: startedAt! }), /one\ntwo\nthree\n$/);
      assert.match(
        await readLog(container, { ...wholeLog, timestamps: true, tailLines: 1 }),
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z three\n$/,
      );
      await assert.rejects(readLog('0'.repeat(64)), /No such container/);
    });

    test('followed logs go on until the container ends', async () => {
      const { container } = await runPod();
      await machine.say(container, 'before');
      const log = readLog(container, { follow: true, timestamps: false });
      await machine.say(container, 'meanwhile');
      await machine.end(container, 0);
      assert.match(await log, /before\nmeanwhile\n$/);
      assert.match(await readLog(container), /before\nmeanwhile\n$/, 'also afterwards');
    });

    test('followed logs end when the reader goes away', async () => {
      const { container } = await runPod();
      await machine.say(container, 'hello');
      const reader = new AbortController();
      let text = '';
      for await (const chunk of runtime.logs(container, { follow: true, timestamps: false }, reader.signal)) {
        text += Buffer.from(chunk).toString();
        if (text.includes('hello')) reader.abort();
      }
      assert.match(text, /hello/);
    });

    test('exec answers with the exit code, and refuses a container that ended', async () => {
      const { container } = await runPod();
      assert.equal((await runtime.exec(container, ['true'], 10_000)).exitCode, 0);
      await runtime.stopContainer(container, 0);
      await assert.rejects(runtime.exec(container, ['true'], 10_000), /not running/);
    });

    test('a restarted daemon finds the same pods and goes on with them', async () => {
      const { pod, container } = await runPod();
      const before = await find(pod);
      const restarted = await machine.reopen();
      assert.deepEqual(await find(pod, restarted), before);
      await restarted.stopContainer(container, 0);
      assert.equal((await find(pod, restarted))?.containers[0]?.state, 'exited');
      await restarted.close();
    });

    test('a listener that left hears nothing more', async () => {
      const heard: RuntimeEvent[] = [];
      const leave = runtime.subscribe((event) => heard.push(event));
      const { container } = await runPod();
      await waitFor(() => heard.some((event) => event.containerId === container));
      leave();
      const count = heard.length;
      await machine.end(container, 0);
      await hear('died', container);
      assert.equal(heard.length, count);
    });
  });
}
