/**
 * How a request is written in HTTP: path, query, headers and body. The tables say it for both sides; a server reads
 * what is written here.
 *
 *     list    GET    /api/v1/namespaces/default/pods?labelSelector=app%3Dweb
 *     watch   GET    /api/v1/pods?watch=true&resourceVersion=7
 *     create  POST   /apis/apps/v1/namespaces/default/deployments
 *     update  PUT    /api/v1/nodes/core-01/status
 *     delete  DELETE /api/v1/namespaces/default/pods/web
 */
import type { ApiRequest, LogOptions, PatchType, RequestOptions, Term, Verb } from '../api/request.ts';

export const methods: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

export const patchMediaTypes: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** A time is one of RFC 3339. */
export type ParameterType = 'text' | 'number' | 'boolean' | 'time';
/** Options that are query parameters of the same name, and what their text is. */
export const optionParameters = {
  labelSelector: 'text',
  fieldSelector: 'text',
  limit: 'number',
  continue: 'text',
  resourceVersion: 'text',
  resourceVersionMatch: 'text',
  allowWatchBookmarks: 'boolean',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'number',
  fieldManager: 'text',
  force: 'boolean',
  fieldValidation: 'text',
  includeObject: 'text',
} as const satisfies Readonly<Partial<Record<keyof RequestOptions, ParameterType>>>;

export const logParameters = {
  container: 'text',
  follow: 'boolean',
  previous: 'boolean',
  timestamps: 'boolean',
  tailLines: 'number',
  sinceSeconds: 'number',
  sinceTime: 'time',
  limitBytes: 'number',
  stream: 'text',
  insecureSkipTLSVerifyBackend: 'boolean',
} as const satisfies Readonly<Record<keyof LogOptions, ParameterType>>;

/** `/api/v1/namespaces/default/pods/web/log`, without the query. */
export function pathOf({ kind, namespace, name, subresource }: ApiRequest): string {
  const { group, apiVersion, plural } = kind;
  const parts = [group ? 'apis' : 'api', apiVersion];
  if (namespace) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(plural);
  if (name) parts.push(encodeURIComponent(name));
  if (subresource) parts.push(subresource);
  return `/${parts.join('/')}`;
}

/** With the leading `?`, or ''. */
export function queryOf({ verb, options = {} }: ApiRequest): string {
  const query = new URLSearchParams();
  if (verb === 'watch') query.set('watch', 'true');
  writeParameters(query, options, optionParameters);
  writeParameters(query, options.log ?? {}, logParameters);
  if (options.dryRun && !isDelete(verb)) query.set('dryRun', 'All');
  return query.size > 0 ? `?${query}` : '';
}

export function writeParameters(query: URLSearchParams, values: object, names: object): void {
  for (const [name, value] of Object.entries(values)) {
    if (name in names && value !== undefined) query.set(name, value);
  }
}

export function acceptOf({ verb, options }: ApiRequest): string {
  if (!options?.as) return 'application/json';
  const as = options.as === 'PartialObjectMetadata' && verb === 'list' ? 'PartialObjectMetadataList' : options.as;
  return `application/json;as=${as};v=v1;g=meta.k8s.io,application/json`;
}

/** The header that names the term in which a write is made: `kube-system/kube-scheduler 3 HOLDER`. */
export const termHeader = 'kubecfg-term';

export const formatTerm = ({ namespace, name, holder, transitions }: Term): string =>
  `${namespace}/${name} ${transitions} ${holder}`;

/** Undefined when it is none. */
export function parseTerm(text: string): Term | undefined {
  const [, namespace = '', name = '', transitions, holder = ''] = /^([^/ ]+)\/([^/ ]+) (\d+) (\S+)$/.exec(text) ?? [];
  return name ? { namespace, name, transitions: Number(transitions), holder } : undefined;
}

/** What goes into the body: the object, the patch, or the options of a delete. */
export function bodyOf({ verb, options = {}, body }: ApiRequest): unknown {
  if (!isDelete(verb)) return body;
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun } = options;
  const wishes = { gracePeriodSeconds, propagationPolicy, preconditions, dryRun: dryRun ? ['All'] : undefined };
  if (Object.values(wishes).every((wish) => wish === undefined)) return undefined;
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...wishes };
}

const isDelete = (verb: Verb) => verb === 'delete' || verb === 'deletecollection';
