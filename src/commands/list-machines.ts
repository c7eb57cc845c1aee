import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { CliError } from '../core/cli/errors.ts';
import { printStructured } from '../core/cli/printers/structured.ts';
import { writeTabs } from '../core/cli/printers/tabs.ts';
import type { Transport } from '../core/client/transport.ts';

/** As fleet's API calls it. */
interface Machine {
  id: string;
  primaryIP?: string;
  metadata?: Record<string, string>;
}

interface Page {
  machines?: Machine[];
  nextPageToken?: string;
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
    const machines = await listMachines(api.client.transport);
    if (flags.output) {
      this.context.stdout.write(await printStructured({ machines }, flags.output));
      return;
    }
    const rows = machines.map((machine) => cells.map(({ cell }) => cell(machine)));
    const header = cells.map(({ name }) => name.toUpperCase());
    this.context.stdout.write(writeTabs(flags['no-legend'] ? rows : [header, ...rows]));
  }
}

/** All pages; in fleet's order, which is that of ids. */
async function listMachines(transport: Transport): Promise<Machine[]> {
  const machines: Machine[] = [];
  let token: string | undefined = '';
  while (token !== undefined) {
    const page = (await transport.raw(`/fleet/v1/machines?${new URLSearchParams({ nextPageToken: token })}`)) as Page;
    machines.push(...(page.machines ?? []));
    token = page.nextPageToken;
  }
  return machines;
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
    metadata: ({ metadata = {} }) => formatPairs(metadata) || '-',
  };
  return list.split(',').map((name) => {
    const cell = known[name];
    if (!cell)
      throw new CliError(`Invalid key in output format: "${name}"`, { hint: 'The fields are: machine, ip, metadata.' });
    return { name, cell };
  });
}

function formatPairs(pairs: Record<string, string>): string {
  return Object.keys(pairs)
    .sort()
    .map((key) => `${key}=${pairs[key]}`)
    .join(',');
}
