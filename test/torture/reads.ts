/** What lists, loose reads and revisions themselves promise. */
import { concerns, type History, type List, type Operation, selects, type Violation } from './history.ts';
import type { Truth } from './truth.ts';

/** A write is answered with what it wrote, not with what somebody else made of it. */
export function writesAnswerTheirOwn({ operations }: History): Violation[] {
  return operations.flatMap((operation): Violation[] => {
    const { call, key, value, found } = operation;
    if (call === 'get' || !found || found.value === value) return [];
    const message = `${key}: ${call} of ${value} was answered with ${found.value}`;
    return [{ promise: 'a write answers its own', message, evidence: operation }];
  });
}

/** Whoever was answered before another one asked has the lower revision; and no two writes share one. */
export function revisionsRise({ operations, lists }: History): Violation[] {
  const written = operations.filter(({ call, found }) => call !== 'get' && found);
  const asWrite = (op: Operation) => ({ begun: op.begun, ended: op.ended!, revision: op.found!.revision, what: op });
  const asRead = (list: List) => ({ ...list, what: { list: list.selection, revision: list.revision } });
  const writes = written.map(asWrite).sort((a, b) => a.ended - b.ended);
  const later = [
    ...written.map((op) => ({ ...asWrite(op), atLeast: 1 })),
    ...lists.filter(({ newest }) => newest).map((list) => ({ ...asRead(list), atLeast: 0 })),
  ].sort((a, b) => a.begun - b.begun);

  const violations: Violation[] = [];
  let highest: (typeof writes)[number] | undefined;
  let next = 0;
  for (const { begun, revision, atLeast, what } of later) {
    for (; next < writes.length && writes[next]!.ended < begun; next++) {
      if (!highest || writes[next]!.revision > highest.revision) highest = writes[next];
    }
    if (!highest || revision >= highest.revision + atLeast) continue;
    const message = `revision ${revision} was answered to a request that began after a write at ${highest.revision} was answered`;
    violations.push({ promise: 'revisions rise', message, evidence: [highest.what, what] });
  }
  return [...violations, ...sharedRevisions(written)];
}

function sharedRevisions(written: readonly Operation[]): Violation[] {
  const taken = new Map<number, Operation>();
  return written.flatMap((operation): Violation[] => {
    const { revision } = operation.found!;
    const other = taken.get(revision);
    taken.set(revision, operation);
    if (!other) return [];
    const message = `two writes were answered with revision ${revision}`;
    return [{ promise: 'revisions rise', message, evidence: [other, operation] }];
  });
}

/** A list is the state at its revision, also when it came in pages. */
export function listsAreSnapshots({ lists }: History, truth: Truth): Violation[] {
  return lists.flatMap((list) => {
    const wrong = differences(list, truth);
    if (wrong.length === 0) return [];
    const message = `a list at revision ${list.revision} is not the state at that revision: ${wrong.join('; ')}`;
    return [{ promise: 'a list is one moment', message, evidence: { ...list, wrong } }];
  });
}

/** Says what is not as the truth has it, as far as the truth is known there. */
export function differences(
  { selection, items, revision }: Pick<List, 'selection' | 'items' | 'revision'>,
  truth: Truth,
): string[] {
  const wrong: string[] = [];
  const listed = new Map(items.map((item) => [item.key, item]));
  if (listed.size < items.length) wrong.push('an object is in it twice');
  for (const { key, value } of items)
    if (!selects(selection, key, value)) wrong.push(`${key}=${value} does not belong to it`);
  for (const key of truth.keys()) {
    if (!concerns(selection, key)) continue;
    const item = listed.get(key);
    const known = truth.at(key, revision);
    if (item && item.revision > revision) wrong.push(`${key} is from revision ${item.revision}`);
    else if (item && known && known.revision > item.revision)
      wrong.push(`${key}=${item.value} had become ${known.value ?? 'deleted'}`);
    else if (!item && known && selects(selection, key, known.value) && truth.covers(known.revision, revision)) {
      wrong.push(`${key}=${known.value} is missing`);
    }
  }
  return wrong;
}

/** A get that allows an old answer may give one, but none from before the revision it named. */
export function looseReadsAreNotOlder({ operations }: History, truth: Truth): Violation[] {
  return operations.flatMap((operation): Violation[] => {
    const { key, notOlderThan, found } = operation;
    if (notOlderThan === undefined || !found) return [];
    const newer = truth.of(key).find(({ revision }) => revision > found.revision && revision <= notOlderThan);
    if (!newer) return [];
    const message = `${key} not older than revision ${notOlderThan} was answered from revision ${found.revision}`;
    return [{ promise: 'not older than asked', message, evidence: [operation, newer] }];
  });
}
