import * as Args from '@oclif/core/args';
import type { Kind } from '../core/api/kind.ts';
import type { KubeList, Stored } from '../core/api/object.ts';
import { ApiError } from '../core/api/status.ts';
import { ApiCommand, namespaceOf } from '../core/cli/base.ts';
import type { Connection } from '../core/cli/connection.ts';
import { describeObject } from '../core/cli/describing.ts';
import { Failures } from '../core/cli/errors.ts';
import { allNamespacesFlag, selectorFlags } from '../core/cli/flags.ts';
import { queryOf, requestsFor } from '../core/cli/listing.ts';
import { type ObjectName, parseSelection } from '../core/cli/resources.ts';

export default class Describe extends ApiCommand {
  static override summary = 'Show one object, or several, in full with its events';
  static override description = 'When no object has exactly that name, those are shown whose names begin with it.';
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(TYPE | TYPE NAME... | TYPE/NAME...) [FLAGS]';
  static override args = { type: Args.string({ ignoreStdin: true, description: 'TYPE NAME… or TYPE/NAME…' }) };
  static override flags = { ...selectorFlags, ...allNamespacesFlag };
  static override examples = [
    '<%= config.bin %> describe pod web',
    '<%= config.bin %> describe node/core-01',
    '<%= config.bin %> describe rc -l app=web',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Describe);
    const selection = parseSelection(argv as string[], 'kubecfg describe pod web');
    const api = await this.connect(flags);
    const query = queryOf(flags, api, selection);
    const found: { kind: Kind; object: Stored }[] = [];
    const errors: unknown[] = [];
    if (selection.type === 'objects') {
      for (const named of selection.objects) {
        await byName(api, named).then(
          (objects) => found.push(...objects),
          (error) => errors.push(error),
        );
      }
    } else {
      for (const request of requestsFor(selection, query, {})) {
        const { items } = (await api.client.transport.send(request)) as KubeList;
        found.push(...items.map((object) => ({ kind: request.kind, object })));
      }
      if (found.length === 0) this.note('No resources found');
    }
    const now = this.context.clock.now();
    const texts = await Promise.all(found.map(({ kind, object }) => describeObject(api.client, { kind, object, now })));
    if (texts.length > 0) this.context.stdout.write(texts.join('\n\n'));
    if (errors.length > 0) throw new Failures(errors);
  }
}

async function byName(
  { client, namespace }: Connection,
  { kind, name }: ObjectName,
): Promise<{ kind: Kind; object: Stored }[]> {
  const scope = namespaceOf(kind, namespace);
  try {
    return [{ kind, object: await client.get(kind, scope, name) }];
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
    const { items } = await client.list(kind, scope);
    const begins = items.filter(({ metadata }) => metadata.name.startsWith(name));
    if (begins.length === 0) throw error;
    return begins.map((object) => ({ kind, object }));
  }
}
