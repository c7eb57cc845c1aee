/** The program: the verb table, the command line and this process put together. Bundled to dist/kubecfg.cjs. */
import { verbs } from './commands/index.ts';
import { processContext } from './core/cli/context.ts';
import { main } from './core/cli/main.ts';

/** `program` is the name we were called by: kubecfg, or fleetctl or hyperkube through a link. */
export async function start(argv: readonly string[], program: string): Promise<void> {
  void program;
  process.exitCode = await main(argv, verbs, processContext());
}
