/** Which wishes of a cloud-config local machines fulfil. Nothing else is dropped without a word. */
import type { UserData } from './index.ts';
import type { Setting } from './read.ts';

/** What apply.ts does. */
export const fileKeys = /^(hostname|manage_etc_hosts|write_files\[\d+\])$/;

/** By kind of machine: shared ones live in one daemon, isolated ones have a root and an etcd member of their own. */
const applied = {
  shared: /^coreos\.fleet\.metadata$/,
  isolated: /^(hostname|manage_etc_hosts|write_files\[\d+\]|coreos\.fleet\.metadata|coreos\.etcd2?\.discovery)$/,
} as const;

export type MachineKind = keyof typeof applied;
export const machineKinds = Object.keys(applied) as MachineKind[];

export function notApplied({ config, settings }: Pick<UserData, 'config' | 'settings'>, kind: MachineKind): Setting[] {
  // That is the address a machine has anyway.
  const isOwn = /^\$(public|private)_ipv4$/.test(config.coreos?.fleet?.public_ip ?? '');
  return settings.filter(({ key }) => !applied[kind].test(key) && !(isOwn && key === 'coreos.fleet.public_ip'));
}
