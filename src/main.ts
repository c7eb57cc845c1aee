/** The program: the verb table, the command line and this process put together. Bundled to dist/kubecfg.cjs. */
import { verbs } from './commands/index.ts';
import { processContext } from './core/cli/context.ts';
import { main } from './core/cli/main.ts';

/** `program` is the name we were called by. */
export async function start(argv: readonly string[], program: string): Promise<void> {
  process.exitCode = await main({ program, argv }, verbs, processContext());
}
