/** Where several servers share a store, one may not have heard yet what another has answered. */
import type { RequestOptions } from '../api/request.ts';
import type { Context } from './context.ts';
import { storeProblem } from './store-problem.ts';

/**
 * Resolves when the cache shows everything that any server answered before. Undefined when nothing has to be waited for:
 * with a store of our own, and for reads that name the state they want.
 */
export function upToDate(context: Context, options: RequestOptions = {}): Promise<void> | undefined {
  if (!context.store.confirm || options.resourceVersion || options.continue) return undefined;
  return confirmed(context);
}

async function confirmed({ store, cache }: Context): Promise<void> {
  try {
    const revision = await store.confirm?.();
    if (revision) await cache.reached(revision);
  } catch (error) {
    throw storeProblem(error);
  }
}
