/** From a history of thousands of operations that cannot be right to the few that show it. */
import type { Operation } from './history.ts';
import { absent, checkKey, type Failure, writes } from './linearizable.ts';

export interface Smallest {
  /** The object's value before. */
  begin: string;
  operations: Operation[];
  /** Fits nowhere among them. */
  wrong: Operation;
  /** What the object could be when it ended. */
  possible: string[];
}

/**
 * Begins at a moment at which only one state was possible, before the last write, and leaves out every read that is not
 * needed. Writes stay: without one of them, what was right could look wrong.
 */
export function smallest(
  operations: readonly Operation[],
  revisions: ReadonlyMap<string, number>,
  failure: Failure,
): Smallest {
  const { operation: wrong, possible, quiet } = failure;
  const relevant = operations.filter((op) => op.begun <= wrong.ended!);
  const isBefore = (op: Operation) =>
    op !== wrong && writes(op) && (op.ended ?? Number.POSITIVE_INFINITY) <= wrong.begun;
  const lastWrite = relevant.findLast(isBefore);
  const from = quiet.findLast(({ at }) => at < (lastWrite?.begun ?? wrong.begun)) ?? { at: 0, value: absent };

  let kept = [...earlierUnanswered(relevant, from.at), ...relevant.filter((op) => op.begun > from.at)];
  for (const operation of [...kept].reverse()) {
    if (operation === wrong || writes(operation)) continue;
    const fewer = kept.filter((op) => op !== operation);
    if (checkKey(fewer, revisions, from.value)?.operation === wrong) kept = fewer;
  }
  return { begin: from.value, operations: kept, wrong, possible };
}

/** Writes that got no answer may still take place; of those that nobody saw, one of each sort tells enough. */
function earlierUnanswered(operations: readonly Operation[], before: number): Operation[] {
  const last = new Map<string, Operation>();
  for (const operation of operations) {
    const { outcome, begun, call, expected = '' } = operation;
    if (outcome === 'unknown' && begun <= before) last.set(`${call} ${expected}`, operation);
  }
  return [...last.values()];
}
