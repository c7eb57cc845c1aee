/** Which wishes of a cloud-config local machines fulfil. Nothing else is dropped without a word. */
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

export function notApplied(settings: readonly Setting[], kind: MachineKind): Setting[] {
  return settings.filter(({ key }) => !applied[kind].test(key));
}
