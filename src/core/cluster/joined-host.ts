/** A host that joined a cluster of several, as the one local machine that it is. */
import { stopMember } from '../machines/index.ts';
import { clearHost, hostConfig, isLastMaster, stopDaemon } from './leave.ts';
import { paths } from './paths.ts';
import type { LocalProvider } from './provider.ts';
import { sharedMachines } from './shared-machines.ts';

const leaveFirst = (name: string) => `${name} is a machine of a cluster of several: 'kubecfg leave' takes it out`;

export const joinedHost: LocalProvider = {
  ...sharedMachines,

  async up() {
    throw new Error("this host is a machine of a cluster of several: 'kubecfg join' starts it");
  },

  /** With etcd, which outlives a daemon that only ends. */
  async halt(dataDir, report) {
    const found = await sharedMachines.halt(dataDir, report);
    await stopMember(paths(dataDir).etcd);
    return found;
  },

  async destroyMachine(_dataDir, machine) {
    throw new Error(leaveFirst(machine));
  },

  /** Nobody is told: that is right for the last master alone, with which the cluster ends. */
  async destroy(dataDir) {
    const config = hostConfig(dataDir);
    if (!(await isLastMaster(config))) throw new Error(leaveFirst(config.machines[0]!.name));
    await stopDaemon(dataDir);
    await clearHost(dataDir, config);
    return true;
  },
};
