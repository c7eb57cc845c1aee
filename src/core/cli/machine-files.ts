/** The files that say what machines shall be: user-data and config.rb. Wrong ones are refused before anything is made. */
import { readFile } from 'node:fs/promises';
import type { Finding } from '../machines/index.ts';
import { CliError } from './errors.ts';

export interface MachineFiles {
  machines?: number;
  machinePrefix?: string;
  /** coreos.fleet.metadata; '' when the user-data has none. */
  fleetMetadata?: string;
}

/** `note` is told what of the files is not applied. */
export async function readMachineFiles(
  files: { 'user-data'?: string | undefined; config?: string | undefined },
  note: (message: string) => void,
): Promise<MachineFiles> {
  const { 'user-data': userData, config } = files;
  return {
    ...(config !== undefined && (await readConfigRb(config, note))),
    ...(userData !== undefined && (await readUserData(userData, note))),
  };
}

async function readUserData(file: string, note: (message: string) => void): Promise<MachineFiles> {
  const { notApplied, parseUserData } = await import('../machines/index.ts');
  const data = parseUserData(await readFile(file));
  const { kind, config, findings } = data;
  await refuse(file, findings);
  if (kind === 'script' || kind === 'ignition')
    throw new CliError(
      `${file} is ${kind === 'script' ? 'a script' : 'an Ignition configuration'}, not a cloud-config`,
    );
  for (const { line, key } of notApplied(data, 'shared'))
    note(`${file}:${line}: ${key}: not applied to machines that share this host`);
  return { fleetMetadata: config.coreos?.fleet?.metadata ?? '' };
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
