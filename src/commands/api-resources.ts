import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { writeColumns } from '../core/cli/printers/columns.ts';
import type { Transport } from '../core/client/transport.ts';

interface Resource {
  name: string;
  shortNames?: string[];
  namespaced: boolean;
  kind: string;
  verbs: string[];
}

export default class ApiResources extends ApiCommand {
  static override group = 'Settings' as const;
  static override summary = 'Show the types of objects the server knows';
  static override flags = {
    output: Flags.option({ char: 'o', options: ['name', 'wide'] as const, description: 'names only, or with verbs' })(),
    'no-headers': Flags.boolean({ description: 'print no header line' }),
  };
  static override examples = ['<%= config.bin %> api-resources', '<%= config.bin %> api-resources -o wide'];

  async run(): Promise<void> {
    const { flags } = await this.parse(ApiResources);
    const { transport } = (await this.connect(flags)).client;
    const lists = await Promise.all((await groupVersions(transport)).map((path) => resourcesOf(transport, path)));
    const resources = lists.flat().filter(({ name }) => !name.includes('/'));
    if (flags.output === 'name') {
      for (const { name, group } of resources) this.print(group ? `${name}.${group}` : name);
      return;
    }
    const wide = flags.output === 'wide';
    const rows = resources.map(({ name, shortNames = [], apiVersion, namespaced, kind, verbs }) => {
      return [name, shortNames.join(','), apiVersion, String(namespaced), kind, ...(wide ? [verbs.join(',')] : [])];
    });
    const headers = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS'] : [])];
    this.context.stdout.write(writeColumns(flags['no-headers'] ? rows : [headers, ...rows]));
  }
}

/** `/api/v1`, and the preferred version of each group. */
async function groupVersions(transport: Transport): Promise<string[]> {
  const [core, { groups }] = (await Promise.all([transport.raw('/api'), transport.raw('/apis')])) as [
    { versions: string[] },
    { groups: { preferredVersion: { groupVersion: string } }[] },
  ];
  const newest = core.versions.includes('v1') ? 'v1' : core.versions[0];
  return [`/api/${newest}`, ...groups.map((group) => `/apis/${group.preferredVersion.groupVersion}`)];
}

async function resourcesOf(
  transport: Transport,
  path: string,
): Promise<(Resource & { apiVersion: string; group: string })[]> {
  const { groupVersion, resources } = (await transport.raw(path)) as { groupVersion: string; resources: Resource[] };
  const group = groupVersion.includes('/') ? groupVersion.slice(0, groupVersion.indexOf('/')) : '';
  return resources.map((resource) => ({ ...resource, apiVersion: groupVersion, group }));
}
