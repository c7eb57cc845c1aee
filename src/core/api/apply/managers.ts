/**
 * Who owns which field (structured-merge-diff merge/update).
 *
 * The original compares old and new object field by field in every write. Here that is done from the moment on when
 * it can matter to somebody. Until then ownership of a domain (see entries.ts) is recorded in one of two short forms:
 *
 * - no entry at all: everything belongs to the components of this program;
 * - one entry without fields, `"fieldsV1": {}`: everything belongs to this manager, who created the object and is the
 *   only one to have written it since through the API. The original never keeps an entry that has no fields, so the
 *   form is free to be used, and clients read it as an empty set.
 *
 * The first write by somebody else spells the short form out, and from then on entries are exact. Differences that can
 * be seen: an object nobody else has written shows `fieldsV1: {}`, and what components of this program wrote before
 * the first other writer came belongs to him who created the object.
 */
import { decodeObject } from '../decode.ts';
import type { Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import type { ManagedFieldsEntry } from '../types/meta.ts';
import { applyConflict } from './conflicts.ts';
import { differenceOf } from './difference.ts';
import {
  arranged,
  type Domain,
  domainOf,
  entryOf,
  fieldsIn,
  fieldsOfConfig,
  isBy,
  ownedPart,
  ownManager,
  type Writer,
  withFields,
} from './entries.ts';
import { difference, type FieldSet, intersection, isEmpty, noFields, union } from './fields.ts';
import { mergeConfig, prune } from './merge.ts';
import { rootOf } from './places.ts';

type Entries = readonly ManagedFieldsEntry[];

/** Entries of a new object. */
export const entriesOfNew = (writer: Writer): ManagedFieldsEntry[] =>
  writer.manager === ownManager && writer.operation === 'Update' ? [] : [entryOf(writer, noFields)];

/** Entries after `writer` has made `after` out of `before` in any way but by applying. */
export function afterUpdate(
  kind: Kind,
  entries: Entries,
  writer: Writer,
  { before, after }: { before: KubeObject; after: KubeObject },
): Entries {
  const { domain, inside, outside } = split(entries, writer);
  const [sole] = inside;
  if (!sole && writer.manager === ownManager) return entries;
  if (sole && inside.length === 1 && isEmpty(fieldsIn(sole)) && isBy(sole, writer)) {
    return arranged([...outside, { ...sole, time: writer.time }]);
  }
  const parts = [ownedPart(kind, before, domain), ownedPart(kind, after, domain)] as const;
  const { changed, removed } = differenceOf(rootOf(kind.schema), ...parts);
  if (isEmpty(changed) && isEmpty(removed)) return entries;

  const known = spelledOut(kind, inside, before, domain);
  const own = known.find((entry) => isBy(entry, writer));
  const others = without(known, own, union(changed, removed));
  const fields = union(difference(own ? fieldsIn(own) : noFields, removed), changed);
  return arranged([...outside, ...others, ...withFields(entryOf(writer, fields), fields)]);
}

export interface Applied {
  /** As `live` with what is applied. */
  readonly object: KubeObject;
  readonly entries: Entries;
}

export interface ApplyOptions {
  /** Undefined when the object does not exist yet. */
  readonly live: KubeObject | undefined;
  readonly config: object;
  /** Fields of others that the writer may take over without being asked. */
  readonly yielded?: FieldSet | undefined;
  readonly force: boolean;
}

/** Throws Conflict when others own a field that would get another value. */
export function applyConfig(kind: Kind, entries: Entries, writer: Writer, options: ApplyOptions): Applied {
  const { live, config, yielded = noFields, force } = options;
  const { domain, inside, outside } = split(entries, writer);
  const root = rootOf(kind.schema);
  const fields = fieldsOfConfig(kind, config, domain);
  if (!live) return { object: decodeObject(kind, config, 'Ignore').object, entries: [entryOf(writer, fields)] };

  const known = spelledOut(kind, inside, live, domain);
  const own = known.find((entry) => isBy(entry, writer));
  const rivals = known.filter((entry) => entry !== own);
  const merged = mergeConfig(root, live, config);
  const owned = [identity, fields, ...rivals.map(fieldsIn)].reduce(union);
  const left = own ? prune(root, merged, fieldsIn(own), owned) : merged;
  // Compared as it will be stored: an empty list, for one, is as good as none.
  const { object } = decodeObject(kind, left, 'Ignore');
  const { changed, removed } = differenceOf(root, ownedPart(kind, live, domain), ownedPart(kind, object, domain));

  // Null and empty values take a field away from others as well.
  const wanted = difference(union(changed, intersection(removed, fields)), yielded);
  const conflicts = rivals
    .map((entry) => ({ entry, fields: intersection(fieldsIn(entry), wanted) }))
    .filter((conflict) => !isEmpty(conflict.fields));
  if (conflicts.length && !force) throw applyConflict(conflicts);

  const others = without(known, own, union(changed, removed));
  const next = entryOf(writer, fields);
  const isSame = isEmpty(changed) && isEmpty(removed) && own && sameFields(fieldsIn(own), fields);
  // A time that was newer would be a change of an object that nobody changes.
  if (isSame && own.time !== undefined) next.time = own.time;
  return { object, entries: arranged([...outside, ...others, ...withFields(next, fields)]) };
}

/** What makes an object an object is not given up with the last field of its metadata. */
const identity: FieldSet = { 'f:apiVersion': {}, 'f:kind': {}, 'f:metadata': { 'f:name': {} } };

const sameFields = (a: FieldSet, b: FieldSet) => isEmpty(difference(a, b)) && isEmpty(difference(b, a));

function split(entries: Entries, { subresource }: Writer) {
  const domain = domainOf(subresource);
  const isInside = (entry: ManagedFieldsEntry) => domainOf(entry.subresource) === domain;
  return { domain, inside: entries.filter(isInside), outside: entries.filter((entry) => !isInside(entry)) };
}

/** All entries but `own`, less the fields that are not theirs any more. */
function without(entries: Entries, own: ManagedFieldsEntry | undefined, lost: FieldSet): ManagedFieldsEntry[] {
  return entries
    .filter((entry) => entry !== own)
    .flatMap((entry) => withFields(entry, difference(fieldsIn(entry), lost)));
}

/** The entries of a domain with every field named: the short forms are given what no other entry claims. */
function spelledOut(kind: Kind, entries: Entries, object: KubeObject, domain: Domain): Entries {
  const short = entries.length ? entries : [ownEntry(kind, object, domain)];
  if (!short.some((entry) => isEmpty(fieldsIn(entry)))) return short;
  const claimed = short.map(fieldsIn).reduce(union);
  const parts = [ownedPart(kind, zeroOf(kind), domain), ownedPart(kind, object, domain)] as const;
  const rest = difference(differenceOf(rootOf(kind.schema), ...parts).changed, claimed);
  return short.flatMap((entry) => (isEmpty(fieldsIn(entry)) ? withFields(entry, rest) : [entry]));
}

function ownEntry({ apiVersion }: Kind, { metadata }: KubeObject, domain: Domain): ManagedFieldsEntry {
  const subresource = domain === 'status' ? 'status' : '';
  const time = metadata.creationTimestamp ?? '';
  return entryOf({ manager: ownManager, operation: 'Update', apiVersion, subresource, time }, noFields);
}

const zeros = new WeakMap<object, KubeObject>();

/** An object nobody has given anything: what differs from it was given by somebody. */
function zeroOf(kind: Kind): KubeObject {
  let zero = zeros.get(kind.schema);
  if (!zero) {
    zero = decodeObject(kind, {}, 'Ignore').object;
    zeros.set(kind.schema, zero);
  }
  return zero;
}
