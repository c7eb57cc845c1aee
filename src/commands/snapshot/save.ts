import * as Args from '@oclif/core/args';
import { ApiCommand } from '../../core/cli/base.ts';
import { chooseTarget } from '../../core/cli/connection.ts';
import { describeSnapshot } from '../../core/cli/snapshot-text.ts';

export default class SnapshotSave extends ApiCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Write the whole state of a cluster to a file';
  static override description =
    'The file shows the state at one revision, while writes go on. It is written aside, read back and checked before it gets its name. Of a cluster that does not run, the data directory is read.';
  static override completes = 'file' as const;
  static override args = { file: Args.string({ required: true, description: 'file to write' }) };
  static override examples = [
    '<%= config.bin %> snapshot save backup.snapshot',
    '<%= config.bin %> snapshot save backup.snapshot --server http://127.0.0.1:8080',
    '<%= config.bin %> snapshot save backup.snapshot --data-dir ~/.kubecfg/old',
  ];

  async run(): Promise<void> {
    const { flags, args } = await this.parse(SnapshotSave);
    const { snapshotAtRest, writeSnapshotFile } = await import('../../core/cluster/snapshots.ts');
    const target = await chooseTarget(flags, this.context);
    const bytes = 'server' in target ? await this.#download(flags) : snapshotAtRest(target.dataDir);
    const snapshot = await writeSnapshotFile(args.file, bytes);
    this.print(`${args.file}: saved, ${describeSnapshot(snapshot)}`);
  }

  async #download(flags: Parameters<ApiCommand['connect']>[0]): Promise<AsyncIterable<Uint8Array>> {
    const { client } = await this.connect(flags);
    return client.transport.download('/kubecfg/snapshot', this.context.signal);
  }
}
