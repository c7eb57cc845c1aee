/** `up`, `halt`, `destroy`, `status` and `ssh` as the user's process carries them out, by the provider of the machines. */
import { readConfig } from './config.ts';
import type { Report } from './progress.ts';
import type { Entrance, LocalProvider, ProviderName, UpResult, UpWishes } from './provider.ts';
import type { ClusterStatus } from './status.ts';

const providers: Readonly<Record<ProviderName | 'joined', () => Promise<LocalProvider>>> = {
  shared: async () => (await import('./shared-machines.ts')).sharedMachines,
  joined: async () => (await import('./joined-host.ts')).joinedHost,
  isolated: async () => (await import('./isolated/index.ts')).isolatedMachines,
};

/** That of the record; `wish` counts for a new cluster. */
function providerOf(dataDir: string, wish: ProviderName = 'shared'): Promise<LocalProvider> {
  const config = readConfig(dataDir);
  return providers[config?.host ? 'joined' : (config?.provider ?? wish)]();
}

export async function up(dataDir: string, wishes: UpWishes, report: Report, signal: AbortSignal): Promise<UpResult> {
  return (await providerOf(dataDir, wishes.provider)).up(dataDir, wishes, report, signal);
}

export async function startMachine(dataDir: string, machine: string, report: Report): Promise<void> {
  await (await providerOf(dataDir)).startMachine(dataDir, machine, report);
}

export async function haltMachine(dataDir: string, machine: string, force: boolean, report: Report): Promise<void> {
  await (await providerOf(dataDir)).haltMachine(dataDir, machine, force, report);
}

export async function destroyMachine(dataDir: string, machine: string, report: Report): Promise<void> {
  await (await providerOf(dataDir)).destroyMachine(dataDir, machine, report);
}

export async function halt(dataDir: string, report: Report): Promise<boolean> {
  return (await providerOf(dataDir)).halt(dataDir, report);
}

/** The record may be lost: then both look for what carries the name. */
export async function destroy(dataDir: string, name: string): Promise<boolean> {
  if (readConfig(dataDir)) return (await providerOf(dataDir)).destroy(dataDir, name);
  const isolated = await (await providers.isolated()).destroy(dataDir, name);
  const shared = await (await providers.shared()).destroy(dataDir, name);
  return isolated || shared;
}

export async function status(dataDir: string): Promise<ClusterStatus | undefined> {
  return (await providerOf(dataDir)).status(dataDir);
}

export async function enter(dataDir: string, machine: string): Promise<Entrance> {
  return (await providerOf(dataDir)).enter(dataDir, machine);
}
