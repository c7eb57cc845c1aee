/** A kubelet on a hollow machine under a real API server, all on one virtual clock. */
import { Event, Node, Pod } from '../../../src/core/api/kinds/index.ts';
import type { Draft, Stored } from '../../../src/core/api/object.ts';
import type { LogOptions } from '../../../src/core/api/request.ts';
import { isNotFound } from '../../../src/core/api/status.ts';
import { createInformers, type Informers } from '../../../src/core/client/informers.ts';
import { createRecorder } from '../../../src/core/client/recorder.ts';
import { type Kubelet, type KubeletOptions, startKubelet } from '../../../src/core/kubelet/index.ts';
import { createHollowRuntime, type HollowRuntime } from '../../../src/core/runtime/hollow.ts';
import type { RuntimeContainer, RuntimePod } from '../../../src/core/runtime/runtime.ts';
import { type ControlPlane, type ControlPlaneOptions, withControlPlane } from '../../helpers/control-plane.ts';

export const nodeName = 'core-01';

export interface Machine {
  readonly plane: ControlPlane;
  readonly runtime: HollowRuntime;
  readonly kubelet: Kubelet;
  /** Calls of the runtime that change something, in order: `startContainer main`. */
  readonly deeds: string[];
  /** The kubelet stops, or is gone as after a crash; a new one starts on the same runtime. */
  restart(): Promise<void>;
  stopKubelet(): Promise<void>;
  startKubelet(): void;

  create(name: string, spec?: Draft<Pod['spec']>, metadata?: Draft<Pod['metadata']>): Promise<Stored<Pod>>;
  pod(name: string): Promise<Stored<Pod>>;
  node(): Promise<Stored<Node>>;
  /** Runs the clock until the pod is as wanted. */
  until(name: string, wanted: (pod: Stored<Pod>) => unknown, withinMs?: number): Promise<Stored<Pod>>;
  running(name: string): Promise<Stored<Pod>>;
  gone(name: string): Promise<void>;
  /** What the runtime has of the pod. */
  observed(name: string): Promise<RuntimePod | undefined>;
  /** The newest instance of a container. */
  instance(name: string, container?: string): Promise<RuntimeContainer>;
  /** The container's log as text. */
  log(name: string, options?: LogOptions): Promise<string>;
  /** `reason: message` of the events so far, oldest first. */
  events(): Promise<string[]>;
}

export interface MachineOptions extends Partial<KubeletOptions> {
  hollow?: { cpus?: number; memoryBytes?: number };
  plane?: ControlPlaneOptions;
}

export async function withMachine(
  body: (machine: Machine) => Promise<void>,
  { hollow, plane: planeOptions, ...given }: MachineOptions = {},
): Promise<void> {
  await withControlPlane(async (plane) => {
    const { clock, random, client, deps } = plane;
    const runtime = createHollowRuntime({ clock, random, ...hollow });
    const deeds: string[] = [];
    const recorder = createRecorder(client, { component: 'kubelet', host: nodeName, ...deps });
    let informers: Informers;
    const start = () => {
      informers = createInformers(deps.client, deps);
      return startKubelet({
        ...{ ...deps, informers, recorder, heartbeatMs: 10_000 },
        node: { name: nodeName, machineID: 'f'.repeat(32), address: '172.17.8.101', podCIDR: '10.244.1.0/24' },
        ...given,
        runtime: recording(runtime, deeds),
      });
    };
    let kubelet = start();
    const machine: Machine = {
      plane,
      runtime,
      deeds,
      get kubelet() {
        return kubelet;
      },
      async restart() {
        await machine.stopKubelet();
        machine.startKubelet();
      },
      async stopKubelet() {
        await kubelet.stop();
        await informers.stop();
      },
      startKubelet() {
        kubelet = start();
      },
      create: (name, spec = {}, metadata = {}) =>
        client.create(Pod, {
          metadata: { name, namespace: 'default', ...metadata },
          spec: { nodeName, containers: [{ name: 'main', image: 'app:1' }], ...spec },
        }),
      pod: (name) => client.get(Pod, 'default', name),
      node: () => client.get(Node, '', nodeName),
      async until(name, wanted, withinMs = 600_000) {
        let seen: Stored<Pod> | undefined;
        const look = async () => {
          seen = await machine.pod(name);
          return wanted(seen);
        };
        await clock.runUntil(look, { withinMs }).catch((error: Error) => {
          throw new Error(`${error.message}\nlast seen: ${JSON.stringify(seen?.status, null, 1)}`);
        });
        return seen!;
      },
      running: (name) => machine.until(name, ({ status }) => status.phase === 'Running'),
      gone: (name) => clock.runUntil(() => machine.pod(name).then(() => false, isNotFound)),
      async observed(name) {
        return (await runtime.listPods()).find((pod) => pod.identity.name === name);
      },
      async instance(name, container = 'main') {
        return (await machine.observed(name))!.containers.findLast((c) => c.name === container)!;
      },
      async log(name, options = {}) {
        const chunks: Uint8Array[] = [];
        const { signal } = new AbortController();
        for await (const chunk of kubelet.logs('default', name, options, signal)) chunks.push(chunk);
        return Buffer.concat(chunks).toString();
      },
      async events() {
        await clock.advance(0);
        const { items } = await client.list(Event);
        const order = (e: Stored<Event>) => Number(e.metadata.resourceVersion);
        return items.sort((a, b) => order(a) - order(b)).map((e) => `${e.reason}: ${e.message}`);
      },
    };
    plane.run({ stop: () => machine.stopKubelet() });
    await clock.runUntil(async () => {
      const node = await machine.node().catch(() => undefined);
      return node?.status.conditions?.some((c) => c.status === 'True');
    });
    await body(machine);
  }, planeOptions);
}

function recording(runtime: HollowRuntime, deeds: string[]): HollowRuntime {
  const recorded: Partial<HollowRuntime> = {
    runSandbox(config) {
      deeds.push(`runSandbox ${config.pod.name}`);
      return runtime.runSandbox(config);
    },
    removeSandbox(id) {
      deeds.push('removeSandbox');
      return runtime.removeSandbox(id);
    },
    startContainer(sandbox, config) {
      deeds.push(`startContainer ${config.name}`);
      return runtime.startContainer(sandbox, config);
    },
    stopContainer(id, grace) {
      deeds.push(`stopContainer ${grace}`);
      return runtime.stopContainer(id, grace);
    },
  };
  return new Proxy(runtime, {
    get(target, key) {
      const value = recorded[key as keyof HollowRuntime] ?? target[key as keyof HollowRuntime];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
