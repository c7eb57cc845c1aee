import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { create } from '../core/cli/creating.ts';
import { UsageError } from '../core/cli/errors.ts';
import { filenameFlag, outputFlag } from '../core/cli/flags.ts';
import { podFlags, podFor } from '../core/cli/generators.ts';
import { manifestOf, readManifests } from '../core/cli/manifests.ts';
import { kindNamed } from '../core/cli/resources.ts';

export default class Create extends ApiCommand {
  static override summary = 'Create objects from manifests or words';
  static override description =
    `Everything is read and checked before the first object is created. When the server refuses one, the
others are created all the same; each one that was is printed.`;
  static override completes = 'file' as const;
  static override strict = false;
  static override usage = '([TYPE] -f FILE... | pod NAME --image=IMAGE | namespace NAME) [FLAGS]';
  static override args = {
    type: Args.string({ ignoreStdin: true, description: 'with -f: the type the files must hold' }),
  };
  static override flags = {
    ...filenameFlag,
    ...podFlags,
    ...outputFlag,
    'dry-run': Flags.option({
      options: ['none', 'client', 'server'] as const,
      default: 'none',
      description: 'print what would be created; server checks it there too',
    })(),
  };
  static override examples = [
    '<%= config.bin %> create -f examples/web.yaml',
    '<%= config.bin %> create pod -f pod.json',
    '<%= config.bin %> create -f manifests/ -n staging',
    'cat rc.json | <%= config.bin %> create -f -',
    '<%= config.bin %> create pod web --image=nginx --port=80',
    '<%= config.bin %> create namespace staging',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Create);
    const manifests = flags.filename
      ? await this.#fromFiles(argv as string[], flags.filename)
      : [manifestOf(this.#fromWords(argv as string[], flags))];
    await create(manifests, flags, { connect: () => this.connect(flags), context: this.context });
  }

  async #fromFiles([type, ...more]: string[], filenames: string[]) {
    if (more.length > 0) throw new UsageError('names cannot be given together with -f');
    const expected = type === undefined ? undefined : kindNamed(type.replace(/^\/+|\/+$/g, ''));
    const manifests = await readManifests(filenames, this.context);
    const other = expected && manifests.find(({ kind }) => kind !== expected);
    if (other) {
      throw new UsageError(`${other.at('kind')}: kind: a ${other.kind.kind}, but "create ${type}" was asked for`);
    }
    return manifests;
  }

  #fromWords([type, name, ...more]: string[], flags: { image?: string | undefined }) {
    if (type === undefined) throw new UsageError('nothing to create: name files with -f, or a pod with --image');
    const kind = kindNamed(type);
    if (!name || more.length > 0) throw new UsageError(`name one ${kind.singular}, or files with -f`);
    if (kind.kind === 'Namespace') return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    if (kind.kind !== 'Pod') throw new UsageError(`a ${kind.singular} cannot be made from words: name a file with -f`);
    if (!flags.image) throw new UsageError(`pod ${name} needs --image`);
    return podFor({ ...flags, name, image: flags.image, words: this.afterDashes });
  }
}
