/** Reading for `get`, `list` and `events`: collections or single objects, as Tables or whole, once or as a watch. */
import type { Kind } from '../api/kind.ts';
import type { KubeObject, WatchEvent } from '../api/object.ts';
import type { ApiRequest, RequestOptions } from '../api/request.ts';
import { ApiError } from '../api/status.ts';
import type { Table } from '../api/table.ts';
import { namespaceOf } from './base.ts';
import type { Connection } from './connection.ts';
import { UsageError } from './errors.ts';
import type { Selection } from './resources.ts';

export interface Query {
  /** '' is all namespaces. */
  namespace: string;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export interface QueryFlags {
  'all-namespaces'?: boolean | undefined;
  selector?: string | undefined;
  'field-selector'?: string | undefined;
}

export function queryOf(flags: QueryFlags, api: Connection, selection: Selection): Query {
  const query = {
    namespace: flags['all-namespaces'] ? '' : api.namespace,
    labelSelector: flags.selector,
    fieldSelector: flags['field-selector'],
  };
  if (selection.type === 'objects') {
    if (query.labelSelector !== undefined || query.fieldSelector !== undefined) {
      throw new UsageError('names cannot be given together with a selector');
    }
    if (flags['all-namespaces']) throw new UsageError('an object cannot be named across all namespaces');
  }
  return query;
}

/** The requests that answer a selection, one per collection or object. */
export function requestsFor(selection: Selection, query: Query, options: RequestOptions): ApiRequest[] {
  if (selection.type === 'objects') {
    return selection.objects.map(({ kind, name }) => ({
      verb: 'get',
      kind,
      name,
      namespace: namespaceOf(kind, query.namespace) || undefined,
      options,
    }));
  }
  return selection.kinds.map((kind) => ({
    verb: 'list',
    ...listScope(kind, query),
    options: { ...options, ...selectors(query) },
  }));
}

export interface Answer<T> {
  kind: Kind;
  answer: T;
}

/** Sends all requests; what fails is handed back beside what was found, so that one missing name hides no other. */
export async function fetchAll<T>(
  api: Connection,
  requests: readonly ApiRequest[],
): Promise<{ answers: Answer<T>[]; errors: unknown[] }> {
  const settled = await Promise.allSettled(requests.map((request) => api.client.transport.send(request)));
  const answers: Answer<T>[] = [];
  const errors: unknown[] = [];
  settled.forEach((result, i) => {
    if (result.status === 'fulfilled') answers.push({ kind: requests[i]!.kind, answer: result.value as T });
    else errors.push(result.reason);
  });
  return { answers, errors };
}

/** Neighbouring Tables of one kind become one, so that named objects line up. */
export function mergeTables(answers: readonly Answer<Table>[]): Answer<Table>[] {
  const merged: Answer<Table>[] = [];
  for (const { kind, answer } of answers) {
    const last = merged.at(-1);
    if (last?.kind === kind) last.answer = { ...last.answer, rows: [...last.answer.rows, ...answer.rows] };
    else merged.push({ kind, answer });
  }
  return merged;
}

/**
 * Follows a collection, or one object of it, for as long as the reader wants: the server may end a watch at any time,
 * and one that asks for a revision no longer kept starts over with a list.
 */
export async function* follow(
  api: Connection,
  { kind, ...query }: Query & { kind: Kind },
  options: RequestOptions,
  signal: AbortSignal,
): AsyncGenerator<{ type: 'LIST'; answer: unknown } | WatchEvent<KubeObject>> {
  const { transport } = api.client;
  const asked = { ...options, ...selectors(query) };
  for (;;) {
    const answer = (await transport.send({ verb: 'list', ...listScope(kind, query), options: asked }, signal)) as {
      metadata: { resourceVersion?: string };
    };
    yield { type: 'LIST', answer };
    let { resourceVersion = '0' } = answer.metadata;
    try {
      for (;;) {
        const request: ApiRequest = {
          verb: 'watch',
          ...listScope(kind, query),
          options: { ...asked, resourceVersion, allowWatchBookmarks: true },
        };
        for await (const event of transport.watch(request, signal)) {
          resourceVersion = revisionOf(event.object) ?? resourceVersion;
          if (event.type !== 'BOOKMARK') yield event;
        }
        signal.throwIfAborted();
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError && error.code === 410)) throw error;
    }
  }
}

/** Of an object, or of the row of a Table. */
function revisionOf(object: object): string | undefined {
  const { metadata } = object as { metadata?: { resourceVersion?: string } };
  if (metadata?.resourceVersion) return metadata.resourceVersion;
  const row = (object as Partial<Table>).rows?.[0]?.object as { metadata?: { resourceVersion?: string } } | null;
  return row?.metadata?.resourceVersion;
}

function listScope(kind: Kind, query: Query): { kind: Kind; namespace?: string } {
  const namespace = namespaceOf(kind, query.namespace);
  return namespace ? { kind, namespace } : { kind };
}

function selectors({ labelSelector, fieldSelector }: Pick<Query, 'labelSelector' | 'fieldSelector'>): RequestOptions {
  return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
}
