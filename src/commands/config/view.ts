import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../../core/cli/base.ts';
import { mergedKubeconfig } from '../../core/cli/kubeconfig.ts';
import { printStructured } from '../../core/cli/printers/structured.ts';

export default class ConfigView extends BaseCommand {
  static override group = 'Settings' as const;
  static override summary = 'Show the kubeconfig, merged from all its files';
  static override description = 'Keys, passwords and tokens are not shown unless --raw is given.';
  static override flags = {
    kubeconfig: clusterFlags.kubeconfig,
    raw: Flags.boolean({ description: 'with keys, passwords and tokens' }),
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml'] as const,
      default: 'yaml',
      description: 'form of output',
    })(),
  };
  static override examples = ['<%= config.bin %> config view', '<%= config.bin %> config view --raw -o json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(ConfigView);
    const merged = mergedKubeconfig(flags.kubeconfig, this.context.env);
    this.context.stdout.write(await printStructured(flags.raw ? merged : redacted(merged), flags.output));
  }
}

const secret = new Set([
  'password',
  'token',
  'client-key-data',
  'client-certificate-data',
  'certificate-authority-data',
]);

function redacted<T>(value: T): T {
  const hide = (key: string, v: unknown) => (secret.has(key) && typeof v === 'string' && v ? 'REDACTED' : v);
  return JSON.parse(JSON.stringify(value, hide)) as T;
}
