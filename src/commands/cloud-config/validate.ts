import { readFile } from 'node:fs/promises';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../core/cli/base.ts';
import { CliError } from '../../core/cli/errors.ts';
import type { UserData } from '../../core/machines/index.ts';

export default class CloudConfigValidate extends BaseCommand {
  static override group = 'Cluster' as const;
  static override completes = 'file' as const;
  static override summary = 'Check a user-data file for machines';
  static override description =
    'Reads #cloud-config as CoreOS does, and names line, key and what is allowed for everything that is wrong. What is right, and what local machines do without, is noted. Exit code 0 when nothing is wrong, else 1.';
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'user-data file, or - for stdin' }),
  };
  static override flags = {
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml'] as const,
      description: 'all there is, in that form',
    })(),
  };
  static override examples = [
    '<%= config.bin %> cloud-config validate user-data',
    'curl -s http://example.com/user-data | <%= config.bin %> cloud-config validate -',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CloudConfigValidate);
    const { formatFinding, machineKinds, notApplied, parseUserData } = await import('../../core/machines/index.ts');
    const data = parseUserData(await this.#read(args.file));
    const { kind, config, findings, settings } = data;
    const left = Object.fromEntries(machineKinds.map((machine) => [machine, notApplied(data, machine)]));
    if (flags.output) {
      const { printStructured } = await import('../../core/cli/printers/structured.ts');
      const all = { kind, valid: findings.length === 0, findings, config, notApplied: left };
      this.context.stdout.write(await printStructured(all, flags.output));
    } else {
      const nowhere = settings.filter((setting) => machineKinds.every((machine) => left[machine]!.includes(setting)));
      for (const finding of findings) this.print(formatFinding(finding));
      for (const { line, key } of nowhere) this.print(`line ${line}: note: ${key}: not applied to local machines`);
      if (findings.length === 0) this.print(`valid: ${summaries[kind]}`);
    }
    if (findings.length > 0) throw new CliError(flags.output ? '' : `${args.file} is not valid user-data`);
  }

  async #read(file: string): Promise<Buffer> {
    if (file !== '-') return readFile(file);
    const chunks: Buffer[] = [];
    for await (const chunk of this.context.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
}

const summaries: Readonly<Record<UserData['kind'], string>> = {
  'cloud-config': 'a cloud-config',
  empty: 'an empty file, which asks for nothing',
  script: 'a script, which local machines do not run',
  ignition: 'an Ignition configuration, which local machines do not read',
  unknown: '',
};
