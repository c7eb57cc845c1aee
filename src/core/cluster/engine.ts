/** Where the containers of local machines run: the host's Docker engine, or nowhere (hollow). */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { nthAddress } from '../api/cidr.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { HollowRuntime } from '../runtime/hollow.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ClusterConfig, MachineRecord } from './config.ts';

export interface Engine {
  readonly runsContainers: boolean;
  /** The bridge the pods sit on. */
  readonly bridge?: string;
  openRuntime(record: MachineRecord): Promise<Runtime>;
  /** Ends the containers of one machine, at once when `force`; they can be seen afterwards. */
  stopMachine(machine: string, force: boolean): Promise<void>;
  /** Removes what is left of a machine that was stopped. */
  removeMachine(machine: string): Promise<void>;
  close(): Promise<void>;
}

export interface EngineOptions {
  config: ClusterConfig;
  machinesDir: string;
  /** Host ports are bound on the machines' own addresses. */
  realAddresses: boolean;
  clock: Clock;
  random: Random;
  log: Logger;
}

export async function openEngine(options: EngineOptions): Promise<Engine> {
  return options.config.runtime === 'docker' ? openDockerEngine(options) : openHollowEngine(options);
}

async function openDockerEngine({ config, realAddresses, clock, random, log }: EngineOptions): Promise<Engine> {
  // Loaded here only: the Docker client is the largest part of the program.
  const { connectDocker } = await import('../runtime/docker/index.ts');
  const { name: cluster, host } = config;
  const socket = host?.dockerSocket;
  const docker = await connectDocker({ ...(socket && { socket }), clock, random, log: log.part('docker') });
  // Machines that share an engine share a network; a host's own has just the range of its pods.
  const subnet = host ? config.machines[0]!.podCIDR : config.podNet;
  const wanted = { cluster, subnet, gateway: nthAddress(subnet, 1), ownAddresses: host !== undefined };
  const [network] = await Promise.all([docker.ensureNetwork(wanted), docker.ensurePauseImage()]).catch(async (e) => {
    await docker.close();
    throw e;
  });
  if (network.subnet !== subnet) {
    await docker.close();
    throw new Error(
      `the Docker network ${network.name} has the range ${network.subnet}, not ${subnet}: 'kubecfg destroy' removes it`,
    );
  }
  return {
    runsContainers: true,
    bridge: network.bridge,
    async openRuntime({ name, address }) {
      return docker.machine({ cluster, machine: name, ...(realAddresses ? { address } : {}) });
    },
    stopMachine: (machine, force) => docker.stopMachine({ cluster, machine }, { kill: force }),
    removeMachine: (machine) => docker.removeMachine({ cluster, machine }),
    close: () => docker.close(),
  };
}

async function openHollowEngine({ machinesDir, clock, random }: EngineOptions): Promise<Engine> {
  const { createHollowRuntime } = await import('../runtime/hollow.ts');
  const runtimes = new Map<string, HollowRuntime>();
  return {
    runsContainers: false,
    async openRuntime({ name }) {
      const runtime = createHollowRuntime({
        clock,
        random,
        machine: name,
        stateFile: join(machinesDir, `${name}.json`),
      });
      runtimes.set(name, runtime);
      return runtime;
    },
    async stopMachine(machine) {
      runtimes.get(machine)?.stopAll();
    },
    async removeMachine(machine) {
      runtimes.delete(machine);
      rmSync(join(machinesDir, `${machine}.json`), { force: true });
    },
    async close() {},
  };
}
