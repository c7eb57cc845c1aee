/**
 * Sets of fields in the form of `metadata.managedFields[].fieldsV1`: a tree whose names say how to get to a field.
 *
 *     f:spec                         a member of a struct or map
 *     k:{"name":"web"}               the item of a list that has this key
 *     v:"example.com/hold"           a value in a list that is a set
 *
 * A node without members of its own is in the set; one with members is only when it has the member `.`:
 *
 *     {"f:metadata":{"f:labels":{".":{},"f:app":{}}}}      metadata.labels itself, and metadata.labels.app
 *
 * The root is never in a set, so `{}` is the empty set. Sets are not changed once they are made.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export const noFields: FieldSet = Object.freeze({});
const self = '.';

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the field a node stands for is in the set, and not only fields below it. */
export const isMember = (node: FieldSet | undefined): boolean =>
  node !== undefined && (isEmpty(node) || Object.hasOwn(node, self));

export const at = (set: FieldSet, element: string): FieldSet | undefined =>
  Object.hasOwn(set, element) ? set[element] : undefined;

/** Collects the nodes of one level. Names other than those above are dropped: users can write these trees too. */
export class Level {
  readonly #nodes: Record<string, FieldSet> = {};

  add(element: string, member: boolean, below: FieldSet): void {
    if (element[1] !== ':') return;
    if (isEmpty(below)) {
      if (member) this.#nodes[element] = noFields;
    } else this.#nodes[element] = member ? { [self]: noFields, ...below } : below;
  }

  get set(): FieldSet {
    return this.#nodes;
  }
}

export const union = (a: FieldSet, b: FieldSet) => combine(a, b, (inA, inB) => inA || inB);
export const intersection = (a: FieldSet, b: FieldSet) => combine(a, b, (inA, inB) => inA && inB);
export const difference = (a: FieldSet, b: FieldSet) => combine(a, b, (inA, inB) => inA && !inB);

function combine(a: FieldSet, b: FieldSet, keeps: (inA: boolean, inB: boolean) => boolean): FieldSet {
  const level = new Level();
  for (const element of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [x, y] = [at(a, element), at(b, element)];
    level.add(element, keeps(isMember(x), isMember(y)), combine(x ?? noFields, y ?? noFields, keeps));
  }
  return level.set;
}

/** The same set with the names of each level in order, as it is shown. */
export function inOrder(set: FieldSet): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const element of Object.keys(set).sort()) out[element] = inOrder(set[element]!);
  return out;
}

/** The fields of a set as messages name them: `.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  return Object.keys(set)
    .sort()
    .filter((element) => element !== self)
    .flatMap((element) => {
      const [path, node] = [prefix + stepOf(element), set[element]!];
      return [...(isMember(node) ? [path] : []), ...pathsOf(node, path)];
    });
}

export function stepOf(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  if (!element.startsWith('k:')) return `[${rest}]`;
  try {
    const keys = Object.entries(JSON.parse(rest)).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return `[${keys.join(',')}]`;
  } catch {
    return `[${rest}]`;
  }
}
