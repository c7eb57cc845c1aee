import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../core/cli/base.ts';
import { CliError } from '../../core/cli/errors.ts';

const localServer = 'http://127.0.0.1:8087';

export default class DiscoveryNew extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Get a discovery token for a new etcd cluster, and print its URL';
  static override flags = {
    size: Flags.integer({ min: 1, default: 3, helpValue: 'N', description: 'members of the cluster' }),
    server: Flags.string({
      char: 's',
      default: localServer,
      helpValue: 'URL',
      description: 'discovery service to ask',
    }),
  };
  static override examples = [
    '<%= config.bin %> discovery new --size 3',
    'etcd --name core-01 --discovery $(<%= config.bin %> discovery new --size 3 --server http://10.0.0.1:8087)',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(DiscoveryNew);
    const { requestToken } = await import('../../core/machines/index.ts');
    const server = /^https?:\/\//.test(flags.server) ? flags.server : `http://${flags.server}`;
    try {
      this.print(await requestToken(server, flags.size, this.context.signal));
    } catch (e) {
      this.context.signal.throwIfAborted();
      throw new CliError((e as Error).message, { hint: "'kubecfg discovery serve' runs a discovery service." });
    }
  }
}
