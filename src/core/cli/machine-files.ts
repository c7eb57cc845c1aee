/** The files that say what machines shall be: user-data and config.rb. Wrong ones are refused before anything is made. */
import { readFile } from 'node:fs/promises';
import type { Finding, MachineKind, UserData } from '../machines/index.ts';
import { CliError } from './errors.ts';

export interface MachineFiles {
  machines?: number;
  machinePrefix?: string;
  /** coreos.fleet.metadata; '' when the user-data has none. */
  fleetMetadata?: string;
  /** coreos.etcd2.discovery, or that of coreos.etcd. */
  discovery?: string;
  /** All that the user-data says. */
  userData?: UserData;
}

/** `note` is told what of the files is not applied. */
export async function readMachineFiles(
  files: { 'user-data'?: string | undefined; config?: string | undefined },
  note: (message: string) => void,
  kind: MachineKind = 'shared',
): Promise<MachineFiles> {
  const { 'user-data': userData, config } = files;
  return {
    ...(config !== undefined && (await readConfigRb(config, note))),
    ...(userData !== undefined && (await readUserData(userData, kind, note))),
  };
}

async function readUserData(
  file: string,
  machines: MachineKind,
  note: (message: string) => void,
): Promise<MachineFiles> {
  const { notApplied, parseUserData } = await import('../machines/index.ts');
  const data = parseUserData(await readFile(file));
  const { kind, config, findings } = data;
  await refuse(file, findings);
  if (kind === 'script' || kind === 'ignition')
    throw new CliError(
      `${file} is ${kind === 'script' ? 'a script' : 'an Ignition configuration'}, not a cloud-config`,
    );
  const whom = machines === 'shared' ? ' to machines that share this host' : '';
  for (const { line, key } of notApplied(data, machines)) note(`${file}:${line}: ${key}: not applied${whom}`);
  const { etcd, etcd2, fleet } = config.coreos ?? {};
  const discovery = etcd2?.discovery ?? etcd?.discovery;
  return { fleetMetadata: fleet?.metadata ?? '', ...(discovery && { discovery }), userData: data };
}

async function readConfigRb(file: string, note: (message: string) => void): Promise<MachineFiles> {
  const { parseConfigRb } = await import('../machines/index.ts');
  const { numInstances, instanceNamePrefix, findings, left } = parseConfigRb(await readFile(file, 'utf8'));
  await refuse(file, findings);
  for (const { line, key } of left) note(`${file}:${line}: ${key}: not applied`);
  return {
    ...(numInstances !== undefined && { machines: numInstances }),
    ...(instanceNamePrefix !== undefined && { machinePrefix: instanceNamePrefix }),
  };
}

async function refuse(file: string, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return;
  const { formatFinding } = await import('../machines/index.ts');
  throw new CliError(`${file} is wrong, nothing was made\n${findings.map(formatFinding).join('\n')}`);
}
