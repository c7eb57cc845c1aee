import * as Flags from '@oclif/core/flags';
import { Node } from '../core/api/kinds/index.ts';
import type { Stored } from '../core/api/object.ts';
import { ApiCommand } from '../core/cli/base.ts';
import { CliError } from '../core/cli/errors.ts';
import { printStructured } from '../core/cli/printers/structured.ts';
import { writeTabs } from '../core/cli/printers/tabs.ts';

/** As fleet's API calls it. */
interface Machine {
  id: string;
  primaryIP: string;
  metadata: Record<string, string>;
}

export default class ListMachines extends ApiCommand {
  static override group = 'Cluster' as const;
  static override summary = "Show the machines that are alive, in fleetctl's format";
  static override flags = {
    full: Flags.boolean({ char: 'l', aliases: ['l'], description: 'whole machine ids' }),
    'no-legend': Flags.boolean({ description: 'print no header line' }),
    fields: Flags.string({
      default: 'machine,ip,metadata',
      helpValue: 'FIELD,…',
      description: 'columns in this order: machine, ip, metadata',
    }),
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml'] as const,
      description: 'all there is, in that form',
    })(),
  };
  static override examples = [
    '<%= config.bin %> list-machines',
    '<%= config.bin %> list-machines --full --no-legend --fields=machine',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(ListMachines);
    const cells = fieldsOf(flags.fields, flags.full);
    const api = await this.connect(flags);
    const { items } = await api.client.list(Node);
    // fleet answers in the order of ids.
    const machines = items
      .filter(isAlive)
      .map(machineOf)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    if (flags.output) {
      this.context.stdout.write(await printStructured({ machines }, flags.output));
      return;
    }
    const rows = machines.map((machine) => cells.map(({ cell }) => cell(machine)));
    const header = cells.map(({ name }) => name.toUpperCase());
    this.context.stdout.write(writeTabs(flags['no-legend'] ? rows : [header, ...rows]));
  }
}

interface Field {
  name: string;
  cell(machine: Machine): string;
}

/** Texts of fleetctl 1.0. */
function fieldsOf(list: string, full: boolean): Field[] {
  if (!list) throw new CliError('Must define output format');
  const known: Record<string, Field['cell']> = {
    machine: ({ id }) => (full ? id : `${id.slice(0, 8)}...`),
    ip: ({ primaryIP }) => primaryIP || '-',
    metadata: ({ metadata }) => formatPairs(metadata) || '-',
  };
  return list.split(',').map((name) => {
    const cell = known[name];
    if (!cell)
      throw new CliError(`Invalid key in output format: "${name}"`, { hint: 'The fields are: machine, ip, metadata.' });
    return { name, cell };
  });
}

function isAlive({ status }: Stored<Node>): boolean {
  return (status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}

function machineOf({ metadata, status }: Stored<Node>): Machine {
  return {
    id: status.nodeInfo?.machineID ?? '',
    primaryIP: status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    metadata: parsePairs(metadata.annotations?.['kubecfg.io/metadata'] ?? ''),
  };
}

/** `disk=ssd,region=us-west`, as fleet's configuration writes it. */
function parsePairs(text: string): Record<string, string> {
  const pairs = text
    .split(',')
    .filter(Boolean)
    .map((pair) => {
      const [key = '', ...value] = pair.split('=');
      return [key.trim(), value.join('=').trim()];
    });
  return Object.fromEntries(pairs);
}

function formatPairs(pairs: Record<string, string>): string {
  return Object.keys(pairs)
    .sort()
    .map((key) => `${key}=${pairs[key]}`)
    .join(',');
}
