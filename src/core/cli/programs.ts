/** The names we can be called by through a link, and what their command lines mean (argv[0] counts). */
import { CliError } from './errors.ts';

const fleetctlLater = new Set([
  ...['cat', 'destroy', 'fd-forward', 'journal', 'list-unit-files', 'list-units', 'load', 'restart', 'ssh', 'start'],
  ...['status', 'stop', 'submit', 'unload', 'verify'],
]);
const hyperkubeLater = new Set(['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'proxy']);

/** Programs whose command lines we take. */
export function isOurs(program: string): boolean {
  return program === 'fleetctl' || program === 'hyperkube';
}

/**
 * The words of `program` as kubecfg takes them; throws for what those programs have and we do not. Its name may also
 * stand as the first word: `kubecfg hyperkube apiserver`.
 */
export function commandLineOf(program: string, argv: readonly string[]): readonly string[] {
  const [first = '', ...rest] = argv;
  if (!isOurs(program) && isOurs(first)) return commandLineOf(first, rest);
  if (program === 'fleetctl') return fleetctl(argv);
  if (program === 'hyperkube') return hyperkube(argv);
  return argv;
}

function fleetctl(argv: readonly string[]): readonly string[] {
  const command = argv.find((word) => !word.startsWith('-'));
  if (command !== undefined && fleetctlLater.has(command)) {
    throw new CliError(`fleetctl ${command} is not in this release`, { hint: 'There is: fleetctl list-machines.' });
  }
  return argv;
}

function hyperkube(argv: readonly string[]): readonly string[] {
  const [component = ''] = argv;
  if (!hyperkubeLater.has(component)) return argv;
  throw new CliError(`hyperkube ${component}: single components with their own flags are not in this release`, {
    hint: "'kubecfg daemon --roles apiserver,scheduler,controllers,node' runs any of the parts in the foreground.",
  });
}
