/**
 * Paths, split by hand: /api/v1[/watch][/namespaces/NS]/RESOURCE[/NAME[/SUBRESOURCE]], and /apis/GROUP/VERSION/… the
 * same way. Relays have anything behind the name: /api/v1/proxy[/namespaces/NS]/RESOURCE/NAME/… or …/NAME/proxy/….
 */
import { kinds } from '../../api/kinds/index.ts';
import type { ApiRequest } from '../../api/request.ts';
import { badRequest, noSuchResource } from '../../api/status.ts';
import type { AnyKind } from '../entry.ts';
import { unsupportedVerb } from '../verbs/supported.ts';

export interface Route {
  readonly kind: AnyKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: ApiRequest['subresource'];
  /** The old form of watches, /watch/ in the path. */
  readonly watch: boolean;
  readonly relay: Relay | undefined;
}

export interface Relay {
  readonly kind: AnyKind;
  readonly namespace: string | undefined;
  /** `[SCHEME:]NAME[:PORT]` */
  readonly id: string;
  readonly form: 'proxy' | 'redirect';
  /** The form before 1.10, with `proxy` or `redirect` before the resource. */
  readonly old: boolean;
  /** What follows: '' or a path. */
  readonly rest: string;
}

const byVersion = new Map<string, Map<string, AnyKind>>();
for (const kind of kinds) {
  const plurals = byVersion.get(kind.apiVersion) ?? new Map<string, AnyKind>();
  byVersion.set(kind.apiVersion, plurals.set(kind.plural, kind));
}

/** Undefined when the path does not lead into an API version; NotFound when it leads to nothing there. */
export function routeOf(path: string): Route | undefined {
  const parts = path.split('/');
  const isFolder = parts.at(-1) === '';
  if (isFolder) parts.pop();
  const start = parts[1] === 'api' ? 3 : parts[1] === 'apis' ? 4 : 0;
  if (!start || parts.length <= start) return undefined;
  const plurals = byVersion.get(parts.slice(2, start).join('/'));
  if (!plurals) return undefined;

  let at = start;
  const first = parts[at];
  const watch = first === 'watch';
  const form = first === 'proxy' || first === 'redirect' ? first : undefined;
  if (watch || form) at++;
  let namespace: string | undefined;
  // `namespaces/NS` alone, and with /status or /finalize, is the namespace itself.
  if (parts[at] === 'namespaces' && plurals.has(parts[at + 2] ?? '')) {
    namespace = decode(parts[at + 1]!, 'Namespace');
    at += 2;
  }
  const kind = plurals.get(parts[at] ?? '');
  const relayed = form !== undefined || parts[at + 2] === 'proxy';
  if (!kind || (parts.length > at + 3 && !relayed)) throw noSuchResource();
  const name = parts[at + 1] === undefined ? undefined : decode(parts[at + 1]!, 'Name');
  const subresource = form ? 'proxy' : (parts[at + 2] as ApiRequest['subresource']);
  if (subresource !== undefined && !kind.subresources.includes(subresource)) {
    throw form ? unsupportedVerb(kind, form) : noSuchResource();
  }
  if (name === '' || namespace === '') throw noSuchResource();
  // Names only exist in a namespace, and cluster-scoped kinds in none.
  if (kind.namespaced ? name !== undefined && namespace === undefined : namespace !== undefined) throw noSuchResource();
  const route = { kind, namespace, name, subresource, watch, relay: undefined };
  if (!relayed) return route;
  const behind = parts.slice(at + (form ? 2 : 3));
  return { ...route, relay: relayOf(route, form, isFolder ? [...behind, ''] : behind) };
}

function relayOf({ kind, namespace, name: id }: Route, form: Relay['form'] | undefined, behind: string[]): Relay {
  if (id === undefined) throw noSuchResource();
  const rest = behind.map((part) => `/${part}`).join('');
  return { kind, namespace, id, form: form ?? 'proxy', old: form !== undefined, rest };
}

/** One part of a path. What an escape may not hide is what no name may hold (apimachinery IsValidPathSegmentName). */
function decode(part: string, what: 'Name' | 'Namespace'): string {
  if (part === '.' || part === '..') throw invalidName(what, part, `may not be '${part}'`);
  if (!part.includes('%')) return part;
  const text = unescaped(part);
  const hidden = /[/%]/.exec(text)?.[0];
  if (hidden) throw invalidName(what, text, `may not contain '${hidden}'`);
  return text;
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`invalid escape in the path: ${part}`);
  }
}

const invalidName = (what: string, name: string, why: string) =>
  badRequest(`${what} parameter invalid: ${JSON.stringify(name)}: ${why}`);
