import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { type ObjectHistory, type Step, stepsOf } from '../core/api/history.ts';
import { ApiCommand, namespaceOf } from '../core/cli/base.ts';
import { writeColumns } from '../core/cli/printers/columns.ts';
import { printStructured } from '../core/cli/printers/structured.ts';
import { parseObjectName } from '../core/cli/resources.ts';

/** In a line of the table; `-o` has them all. */
const fieldsShown = 4;

export default class History extends ApiCommand {
  static override group = 'Watching' as const;
  static override summary = 'Show what changed in an object, at which revision, when and by whom';
  static override description =
    "As far back as the store's history reaches, 5 to 10 minutes by default; also of an object that is gone. 'kubecfg get TYPE NAME --at-revision N' shows it as it was.";
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(TYPE NAME | TYPE/NAME) [FLAGS]';
  static override args = {
    object: Args.string({ ignoreStdin: true, description: 'pod web, or pod/web' }),
  };
  static override flags = {
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml'] as const,
      description: 'all there is, in that form',
    })(),
  };
  static override examples = ['<%= config.bin %> history pod web', '<%= config.bin %> history rc/web -o yaml'];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(History);
    const { kind, name } = parseObjectName(argv as string[], 'kubecfg history pod web');
    const api = await this.connect(flags);
    const namespace = namespaceOf(kind, api.namespace);
    const query = new URLSearchParams({ resource: kind.plural, name, ...(namespace && { namespace }) });
    const history = (await api.client.transport.raw(`/kubecfg/history?${query}`)) as ObjectHistory;
    const changes = stepsOf(kind, history);
    if (flags.output) {
      const { from, revision } = history;
      const all = { kind: kind.kind, name, ...(namespace && { namespace }), from, revision, changes };
      this.context.stdout.write(await printStructured(all, flags.output));
      return;
    }
    const rows = changes.map(rowOf);
    if (rows.length > 0)
      this.context.stdout.write(writeColumns([['REVISION', 'TIME', 'CHANGE', 'BY', 'FIELDS'], ...rows]));
    else this.note(`Nothing changed since revision ${history.from}.`);
    if (history.before)
      this.note(`It was there when history begins, at revision ${history.from}; what came before is forgotten.`);
  }
}

function rowOf({ revision, time = '-', change, by, fields }: Step): string[] {
  const more = fields.length > fieldsShown ? ` and ${fields.length - fieldsShown} more` : '';
  const shown = fields.slice(0, fieldsShown).join(', ') + more;
  return [String(revision), time, change, by.join(',') || '-', shown];
}
