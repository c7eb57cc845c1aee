/** All checks of one history. */
import { concerns, type History, type Operation, type Violation } from './history.ts';
import { checkKey } from './linearizable.ts';
import { listsAreSnapshots, looseReadsAreNotOlder, revisionsRise, writesAnswerTheirOwn } from './reads.ts';
import { smallest } from './smallest.ts';
import { Truth } from './truth.ts';
import { watchesKeepTheirPromises } from './watches.ts';

export function check(history: History): Violation[] {
  const truth = Truth.of(history);
  return [
    ...truth.violations,
    ...linearizable(history, truth.revisions()),
    ...writesAnswerTheirOwn(history),
    ...revisionsRise(history),
    ...listsAreSnapshots(history, truth),
    ...looseReadsAreNotOlder(history, truth),
    ...watchesKeepTheirPromises(history.watches, history.retentionMs, truth),
  ];
}

/** Every list of the newest state is also a read of each key that it could hold. */
function linearizable(history: History, revisions: ReadonlyMap<string, number>): Violation[] {
  const byKey = new Map<string, Operation[]>();
  for (const operation of [...history.operations, ...readsOf(history)].sort((a, b) => a.begun - b.begun)) {
    const others = byKey.get(operation.key);
    if (others) others.push(operation);
    else byKey.set(operation.key, [operation]);
  }
  return [...byKey].flatMap(([key, operations]): Violation[] => {
    const failure = checkKey(operations, revisions);
    if (!failure) return [];
    const evidence = smallest(operations, revisions, failure);
    const { call, outcome, found } = evidence.wrong;
    const answer = found?.value ?? outcome;
    const message = `${key}: ${call} was answered ${answer}, when the object could only be ${evidence.possible.join(' or ')}`;
    return [{ promise: 'linearizable', message, evidence }];
  });
}

function readsOf({ operations, lists }: History): Operation[] {
  const keys = new Set(operations.map(({ key }) => key));
  return lists.flatMap((list) => {
    if (!list.newest) return [];
    const items = new Map(list.items.map((item) => [item.key, item]));
    // With a selector, what is not listed may be there and not belong.
    const asked =
      list.selection.color === undefined ? [...keys].filter((key) => concerns(list.selection, key)) : [...items.keys()];
    return asked.map((key): Operation => {
      const found = items.get(key);
      const { client, begun, ended } = list;
      return { client, key, call: 'get', begun, ended, ...(found ? { outcome: 'ok', found } : { outcome: 'absent' }) };
    });
  });
}
