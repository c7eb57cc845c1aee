/** Lifecycle hooks of containers: what runs right after the start and right before the stop. */
import type { LifecycleHandler } from '../../api/types/container.ts';
import { type Clock, sleep } from '../../async/clock.ts';
import { type HandlerDeps, type HandlerTarget, handle } from './handlers.ts';

export interface HookDeps extends HandlerDeps {
  clock: Clock;
}

/** Undefined when the hook succeeded, else what went wrong. */
export async function runHook(
  deps: HookDeps,
  handler: LifecycleHandler,
  target: HandlerTarget & { timeoutMs: number },
): Promise<string | undefined> {
  if (handler.sleep) {
    await sleep(deps.clock, Math.min(handler.sleep.seconds * 1000, target.timeoutMs));
    return undefined;
  }
  try {
    await handle(deps, handler, target);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
