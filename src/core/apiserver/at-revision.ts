/** Reads of a state that was. */
import type { ApiError } from '../api/status.ts';
import { CompactedError, FutureRevisionError, type RangeOptions, type RangeResult } from '../store/store.ts';
import type { Context } from './context.ts';
import { tooLarge } from './revision.ts';
import { storeProblem } from './store-problem.ts';

/** `tooOld` is what is said when history does not reach so far. */
export async function rangeAt(
  { store, cache }: Context,
  options: RangeOptions & { revision: number },
  tooOld: () => ApiError,
): Promise<RangeResult> {
  try {
    return await store.range(options);
  } catch (error) {
    if (error instanceof FutureRevisionError) throw tooLarge(options.revision, cache.revision);
    if (error instanceof CompactedError) throw tooOld();
    throw storeProblem(error);
  }
}
