/**
 * Metadata. v1beta3 had `metadata` as v1 has it. Before, its members stood beside those of the object, the name was
 * `id`, and the version of the resource was a number.
 */
import { type Extras, type Members, membersOf, same, struct } from './pair.ts';

const shared = {
  uid: same,
  creationTimestamp: same,
  selfLink: same,
  resourceVersion: same,
  namespace: same,
  generateName: same,
  deletionTimestamp: same,
  annotations: same,
};

/** Written even when there is no time to tell. */
const alwaysCreated: Extras = {
  encode(old) {
    old.creationTimestamp ??= null;
  },
};

export const metadata = struct({ name: same, ...shared, labels: same }, alwaysCreated);

const numbered = {
  encode: Number,
  decode: (old: unknown) => (old === 0 ? undefined : typeof old === 'number' ? String(old) : old),
};
const inlineRules = { name: ['id', same], ...shared, resourceVersion: numbered } as const;
const inline = struct(inlineRules, alwaysCreated);
const inlineWithLabels = struct({ ...inlineRules, labels: same }, alwaysCreated);

/** The members of metadata that stand beside an object's own. Some kinds had no labels. */
export function encodeInline(meta: unknown, labelled: boolean): Members {
  return membersOf((labelled ? inlineWithLabels : inline).encode(meta));
}

export function decodeInline(old: unknown, labelled: boolean): Members {
  return membersOf((labelled ? inlineWithLabels : inline).decode(old));
}
