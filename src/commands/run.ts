import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { create } from '../core/cli/creating.ts';
import { UsageError } from '../core/cli/errors.ts';
import { outputFlag } from '../core/cli/flags.ts';
import { controllerFor, type PodWishes, podFlags, podFor, serviceFor } from '../core/cli/generators.ts';
import { manifestOf } from '../core/cli/manifests.ts';

export default class Run extends ApiCommand {
  static override summary = 'Run an image as a replication controller, or as a pod';
  static override description =
    `Makes a replication controller whose pods carry the label run=NAME; with --restart=OnFailure or Never, one
pod. The form of kubecfg 0.7, run IMAGE REPLICAS NAME, labels them name=NAME and with -s PORT adds a service.`;
  static override strict = false;
  static override usage = '(NAME --image=IMAGE | IMAGE REPLICAS NAME) [FLAGS] [-- ARGUMENT...]';
  static override args = {
    name: Args.string({ ignoreStdin: true, description: 'name of the controller and its container' }),
  };
  static override flags = {
    ...podFlags,
    ...outputFlag,
    replicas: Flags.integer({ char: 'r', min: 0, default: 1, helpValue: 'N', description: 'how many pods' }),
    restart: Flags.option({
      options: ['Always', 'OnFailure', 'Never'] as const,
      default: 'Always',
      description: 'when containers are started again',
    })(),
    'dry-run': Flags.option({
      options: ['none', 'client', 'server'] as const,
      default: 'none',
      description: 'print what would be created; server checks it there too',
    })(),
  };
  static override examples = [
    '<%= config.bin %> run web --image=nginx --replicas=3 --port=80',
    '<%= config.bin %> run job --image=busybox --restart=Never -- sh -c "echo done"',
    '<%= config.bin %> run nginx 3 web -p 8080:80 -s 80',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Run);
    const words = argv as string[];
    const historical = words.length === 3 && /^\d+$/.test(words[1]!);
    const [image, count, name] = historical ? words : [flags.image, flags.replicas, words[0]];
    if (!name || (!historical && words.length > 1)) throw new UsageError('one name is needed: run NAME --image=IMAGE');
    if (!image) throw new UsageError(`run ${name} needs --image`);
    const labels = flags.labels ?? (historical ? `name=${name}` : undefined);
    const wishes: PodWishes = { ...flags, name, image: String(image), labels, words: this.afterDashes };

    const objects: object[] =
      flags.restart === 'Always' ? [controllerFor(wishes, Number(count))] : [podFor(wishes, flags.restart)];
    // kubecfg 0.7's -s was the port of a service, everybody else's is the server.
    const servicePort = historical && /^\d+$/.test(flags.server ?? '') ? Number(flags.server) : undefined;
    if (servicePort) objects.push(serviceFor(wishes, servicePort));
    const server = servicePort ? undefined : flags.server;
    const connect = () => this.connect({ ...flags, server });
    await create(objects.map(manifestOf), flags, { connect, context: this.context });
  }
}
