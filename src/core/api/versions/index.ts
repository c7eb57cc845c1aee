/**
 * The API versions before v1, as pure pairs of functions at the edge: everything behind them is v1.
 * May import the rest of core/api; nothing else imports it before an old version is asked for.
 */
import { describeValue, isObject } from '../decode-errors.ts';
import { badRequest } from '../status.ts';
import { type Location, selfLink } from './links.ts';
import { decodeInline, encodeInline, metadata } from './metadata.ts';
import { type Members, membersOf, type Pair } from './pair.ts';
import { kindIn, type OldResource, resources } from './resources.ts';
import { isInline, type OlderVersion, olderVersions } from './version.ts';

export { fieldSelectorOf } from './fields.ts';
export type { Location } from './links.ts';
export { mergeKeys } from './merge-keys.ts';
export { overlay } from './overlay.ts';
export { podOfManifest } from './pod-spec.ts';
export { kindIn, type OldResource, pluralsOf, resourceAt, resourceOf, resources } from './resources.ts';
export { encodeStatus } from './status.ts';
export { isInline, type OlderVersion, olderVersions } from './version.ts';

const pairs = new Map<string, Pair>();

function pairOf(version: OlderVersion, resource: OldResource): Pair {
  const key = `${version}/${resource.kind}`;
  let pair = pairs.get(key);
  if (!pair) {
    pair = resource.pair(version);
    pairs.set(key, pair);
  }
  return pair;
}

/** An object of v1 as the old version has it. With a location it tells its path. */
export function encodeObject(
  version: OlderVersion,
  resource: OldResource,
  object: object,
  location?: Location,
  subresource?: string,
): Members {
  const { metadata: meta } = object as { metadata: { namespace?: string; name?: string } };
  const linked = location ? { ...meta, selfLink: selfLink(location, { ...meta, subresource }) } : meta;
  const body = membersOf(pairOf(version, resource).encode(object));
  const kind = kindIn(resource, version);
  if (!isInline(version)) return { kind, apiVersion: version, metadata: metadata.encode(linked), ...body };
  return { kind, ...encodeInline(linked, resource.labelled), apiVersion: version, ...body };
}

/** The v1 of an object of the old version; what in it is of the wrong type is left for v1's decoder to name. */
export function decodeObject(version: OlderVersion, resource: OldResource, old: Members): Members {
  const { metadata: own, ...body } = membersOf(pairOf(version, resource).decode(old));
  const meta = isInline(version) ? decodeInline(old, resource.labelled) : membersOf(metadata.decode(old.metadata));
  return { kind: resource.kind, apiVersion: 'v1', metadata: { ...meta, ...membersOf(own) }, ...body };
}

/**
 * The v1 of a body. It may be of another version than its path, as at 0.17; one that does not say is of its path's.
 * Throws BadRequest for another kind, and for a version that is none.
 */
export function decodeBody(version: OlderVersion, resource: OldResource, body: unknown): Members {
  if (!isObject(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): it is ${describeValue(body)}`,
    );
  }
  const kind = textOf(body.kind) || resource.kind;
  const apiVersion = textOf(body.apiVersion) || version;
  const older = olderVersions.find((known) => known === apiVersion);
  const cannot = (why: string) =>
    badRequest(`${kind} in version ${apiVersion} cannot be handled as a ${resource.kind}: ${why}`);
  if (!resources.some((one) => kind === one.kind || kind === one.inlineKind) || (!older && apiVersion !== 'v1')) {
    throw cannot(`no kind "${kind}" is registered for version "${apiVersion}"`);
  }
  if (kind !== resource.kind && kind !== resource.inlineKind) throw cannot('it is another kind');
  return older ? decodeObject(older, resource, body) : { ...body, kind: resource.kind };
}

/** Null is as good as absent; what is no text is no name of anything. */
const textOf = (value: unknown) => (typeof value === 'string' ? value : value && describeValue(value));

export interface OldList {
  readonly items: readonly object[];
  readonly resourceVersion: string | undefined;
  readonly namespace: string | undefined;
}

/** A list. Its items do not tell kind and version. */
export function encodeList(resource: OldResource, location: Location, list: OldList): Members {
  const { version } = location;
  const items = list.items.map((object) => {
    const { kind: _kind, apiVersion: _apiVersion, ...item } = encodeObject(version, resource, object, location);
    return item;
  });
  const kind = `${kindIn(resource, version)}List`;
  const meta = { selfLink: selfLink(location, { namespace: list.namespace }), resourceVersion: list.resourceVersion };
  if (!isInline(version)) return { kind, apiVersion: version, metadata: meta, items };
  const { resourceVersion } = meta;
  const numbered = { ...meta, resourceVersion: resourceVersion === undefined ? undefined : Number(resourceVersion) };
  const head = { kind, creationTimestamp: null, ...numbered, apiVersion: version, items };
  // v1beta1 still had the list under its first name, too.
  return version === 'v1beta1' && resource.inlineKind === 'Minion' ? { ...head, minions: items } : head;
}
