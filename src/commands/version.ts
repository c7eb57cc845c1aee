import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { version } from '../core/cli/version.ts';

export default class Version extends ApiCommand {
  static override group = 'Settings' as const;
  static override summary = 'Show the version of kubecfg and of the server';
  static override flags = {
    client: Flags.boolean({ char: 'c', description: 'of kubecfg only; asks no server' }),
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml'] as const,
      description: 'all there is, in that form',
    })(),
  };
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version --client -o json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Version);
    const clientVersion = {
      gitVersion: `v${version}`,
      nodeVersion: process.version,
      platform: `${process.platform}/${process.arch}`,
    };
    const serverVersion = flags.client
      ? undefined
      : ((await (await this.connect(flags)).client.transport.raw('/version')) as { gitVersion: string });
    if (flags.output) {
      const { printStructured } = await import('../core/cli/printers/structured.ts');
      const versions = { clientVersion, ...(serverVersion ? { serverVersion } : {}) };
      this.context.stdout.write(await printStructured(versions, flags.output));
      return;
    }
    this.print(`Client Version: ${clientVersion.gitVersion}`);
    if (serverVersion) this.print(`Server Version: ${serverVersion.gitVersion}`);
  }
}
