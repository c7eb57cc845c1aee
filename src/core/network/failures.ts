/** What may fail without harm when something is made that may be there, or removed that may not be. */
import { ProcessError } from '../async/process.ts';

/** Of a command that makes what may be there. */
export function ignoreExisting(e: unknown): void {
  if (!(e instanceof ProcessError && /File exists/.test(e.message))) throw e;
}

/** Without the program, the right or the thing, there is nothing of ours to remove. */
export function ignoreFailure(e: unknown): void {
  if (!(e instanceof ProcessError)) throw e;
}
