/** Which fields a value has, and which differ between two values (structured-merge-diff typed/compare, typed/tofieldset). */
import { isObject } from '../decode-errors.ts';
import { sameValue } from '../equal.ts';
import { type FieldSet, Level, noFields } from './fields.ts';
import { childrenOf, type Place, shapeOf } from './places.ts';

/** What whoever sends this value is about: its leaves, and the items and entries they stand in. */
export function fieldsOf(place: Place, value: unknown): FieldSet {
  const level = new Level();
  const named = shapeOf(place) === 'struct';
  for (const [element, child] of childrenOf(place, value)) {
    const isLeaf = shapeOf(child.place) === 'leaf' || isBare(child.value);
    level.add(element, isLeaf || !named, isLeaf ? noFields : fieldsOf(child.place, child.value));
  }
  return level.set;
}

const isBare = (value: unknown) => value === null || (isObject(value) && Object.keys(value).length === 0);

export interface Difference {
  /** Fields that are new or have another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

export function differenceOf(place: Place, before: unknown, after: unknown): Difference {
  const [changed, removed] = [new Level(), new Level()];
  const [old, now] = [childrenOf(place, before), childrenOf(place, after)];
  for (const [element, child] of new Map([...old, ...now])) {
    const [x, y] = [old.get(element)?.value, now.get(element)?.value];
    // Two empty values have nothing that could differ below them.
    if (shapeOf(child.place) === 'leaf' || (isVoid(x) && isVoid(y))) {
      if (x !== undefined && y === undefined) removed.add(element, true, noFields);
      else if (x === undefined || !sameValue(x, y)) changed.add(element, true, noFields);
      continue;
    }
    const below = differenceOf(child.place, x, y);
    changed.add(element, x === undefined, below.changed);
    removed.add(element, y === undefined, below.removed);
  }
  return { changed: changed.set, removed: removed.set };
}

const isVoid = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
