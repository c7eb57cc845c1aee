/**
 * Linearizability of one key: is there an order of its operations, each at one moment between its begin and its end, in
 * which every answer is right? After Wing and Gong, in the form of Lowe's just-in-time search: one walk over begins and
 * ends, keeping all states that are possible, with the operations that each has taken ahead of their ends.
 *
 * Three things keep the search small. Reads and refusals change nothing, so they are taken as soon as they fit. Revisions
 * rise, so a write whose revision is known fits behind lower ones only; a revision is taken from whoever saw its value, and
 * the values themselves are still compared. Writes without an answer whose value nobody ever saw are all alike.
 */
import type { Operation } from './history.ts';

export interface Failure {
  /** Fits nowhere. */
  operation: Operation;
  /** What the object could be just before. */
  possible: string[];
  /** Moments at which nothing was on its way and only one state was possible, the last one last. */
  quiet: Quiet[];
}

interface Quiet {
  at: number;
  value: string;
}

export const absent = '(absent)';

/**
 * The first answer that can't be right. `operations` are those of one key, which was `begin` before all of them;
 * `revisions` has, by value, the revision of every version that anybody saw.
 */
export function checkKey(
  operations: readonly Operation[],
  revisions: ReadonlyMap<string, number>,
  begin = absent,
): Failure | undefined {
  const walk = new Walk(revisions, begin);
  for (const { operation, end } of stepsOf(operations)) {
    if (!end) walk.begin(operation);
    else if (!walk.end(operation)) return { operation, possible: walk.possible(), quiet: walk.quiet };
  }
  return undefined;
}

interface Step {
  at: number;
  end: boolean;
  operation: Operation;
}

/** At the same moment, begins come first: that allows more orders. */
function stepsOf(operations: readonly Operation[]): Step[] {
  const steps: Step[] = [];
  for (const operation of operations) {
    if (operation.outcome === 'refused' || operation.notOlderThan !== undefined) continue;
    if (operation.outcome === 'unknown' && operation.call === 'get') continue;
    steps.push({ at: operation.begun, end: false, operation });
    if (operation.outcome !== 'unknown') steps.push({ at: operation.ended!, end: true, operation });
  }
  return steps.sort((a, b) => a.at - b.at || Number(a.end) - Number(b.end));
}

/** A value that a write without an answer may have left, and that nobody ever saw. */
const unseen = '(never seen)';

interface State {
  value: string;
  /** The greatest revision that is known to have been taken. */
  revision: number;
  /** Operations that have taken place and have not ended. */
  taken: ReadonlySet<Operation>;
  /** How many of each sort of unseen writes have taken place. */
  used: ReadonlyMap<string, number>;
}

class Walk {
  readonly #revisions: ReadonlyMap<string, number>;
  /** Begun and not ended, among them writes without an answer whose value was seen. */
  readonly #pending = new Set<Operation>();
  /** Writes without an answer that nobody saw, by what they need to take place. */
  readonly #unseen = new Map<string, Operation[]>();
  #states: State[];
  readonly quiet: Quiet[];

  constructor(revisions: ReadonlyMap<string, number>, begin: string) {
    this.#revisions = revisions;
    this.#states = [{ value: begin, revision: revisions.get(begin) ?? 0, taken: new Set(), used: new Map() }];
    this.quiet = [{ at: Number.NEGATIVE_INFINITY, value: begin }];
  }

  possible(): string[] {
    return [...new Set(this.#states.map(({ value }) => value))];
  }

  begin(operation: Operation): void {
    if (this.#isUnseen(operation)) {
      const sort = `${operation.call} ${operation.expected ?? ''}`;
      this.#unseen.set(sort, [...(this.#unseen.get(sort) ?? []), operation]);
      return;
    }
    this.#pending.add(operation);
    this.#states = this.#states.map((state) => this.#takeReads(state));
  }

  /** False, with nothing changed, when the operation fits nowhere. */
  end(operation: Operation): boolean {
    const found = new Map<string, State[]>();
    const walked = new Set<string>();
    const open = [...this.#states];
    for (let state = open.pop(); state; state = open.pop()) {
      if (state.taken.has(operation)) {
        keepLeast(found, without(state, operation));
        continue;
      }
      const name = `${nameOf(state)} ${usedOf(state)}`;
      if (walked.has(name)) continue;
      walked.add(name);
      open.push(...this.#next(state));
    }
    if (found.size === 0) return false;
    this.#pending.delete(operation);
    this.#states = [...found.values()].flat();
    this.#forgetPassed();
    const [first, second] = this.#states;
    if (!second && this.#pending.size === 0) this.quiet.push({ at: operation.ended!, value: first!.value });
    return true;
  }

  /** The states that one write more leads to. */
  *#next(state: State): Generator<State> {
    for (const operation of this.#pending) {
      if (state.taken.has(operation)) continue;
      const after = this.#apply(state, operation);
      if (after) yield this.#takeReads({ ...after, taken: new Set(state.taken).add(operation), used: state.used });
    }
    for (const [sort, operations] of this.#unseen) {
      const count = state.used.get(sort) ?? 0;
      const after = count < operations.length ? this.#apply(state, operations[count]!) : undefined;
      if (!after || after.value === state.value) continue;
      yield this.#takeReads({ ...after, taken: state.taken, used: new Map(state.used).set(sort, count + 1) });
    }
  }

  /** Takes all that change nothing and fit: an earlier moment for them can never be a loss. */
  #takeReads(state: State): State {
    const fitting = [...this.#pending].filter((op) => !state.taken.has(op) && !writes(op) && this.#apply(state, op));
    return fitting.length === 0 ? state : { ...state, taken: new Set([...state.taken, ...fitting]) };
  }

  /** What the object is after the operation, or undefined when its answer would be wrong in this state. */
  #apply(
    state: State,
    { call, outcome, value, expected, found }: Operation,
  ): Pick<State, 'value' | 'revision'> | undefined {
    const isThere = state.value !== absent;
    if (outcome === 'absent') return isThere ? undefined : state;
    if (outcome === 'exists') return isThere ? state : undefined;
    const isExpected = expected === undefined || this.#revisions.get(state.value) === expected;
    if (outcome === 'conflict') return isThere && !isExpected ? state : undefined;
    if (call === 'get') return state.value === found!.value ? state : undefined;
    if (isThere !== (call !== 'create') || !isExpected) return undefined;
    if (call === 'delete') return { ...state, value: absent };
    const revision = this.#revisions.get(value!);
    if (revision === undefined) return { ...state, value: unseen };
    return revision > state.revision ? { value: value!, revision } : undefined;
  }

  #isUnseen({ outcome, call, value }: Operation): boolean {
    return outcome === 'unknown' && (call === 'delete' || !this.#revisions.has(value!));
  }

  /** Writes without an answer whose time is over in every state. */
  #forgetPassed(): void {
    for (const operation of this.#pending) {
      if (operation.outcome !== 'unknown') continue;
      const revision = this.#revisions.get(operation.value!)!;
      if (!this.#states.every((state) => state.revision >= revision)) continue;
      this.#pending.delete(operation);
      this.#states = this.#states.map((state) => without(state, operation));
    }
  }
}

function without(state: State, operation: Operation): State {
  const taken = new Set(state.taken);
  taken.delete(operation);
  return { ...state, taken };
}

/** Whether it changes the object, when it takes place. */
export const writes = ({ call, outcome }: Operation) => call !== 'get' && (outcome === 'ok' || outcome === 'unknown');

const ids = new WeakMap<Operation, number>();
let nextId = 0;
function idOf(operation: Operation): number {
  const id = ids.get(operation) ?? nextId++;
  ids.set(operation, id);
  return id;
}

const nameOf = ({ value, revision, taken }: State) => `${value} ${revision} ${[...taken].map(idOf).sort().join()}`;
const usedOf = ({ used }: State) => [...used].sort().join();

/** Of states that differ in nothing but in what they have used up, those suffice that have used least. */
function keepLeast(found: Map<string, State[]>, state: State): void {
  const name = nameOf(state);
  const others = found.get(name) ?? [];
  const usesNoMore = (a: State, b: State) => [...a.used].every(([sort, count]) => count <= (b.used.get(sort) ?? 0));
  if (others.some((other) => usesNoMore(other, state))) return;
  found.set(name, [...others.filter((other) => !usesNoMore(state, other)), state]);
}
