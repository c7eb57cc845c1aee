import type { ApiRequest } from '../../api/request.ts';
import { type ApiError, badRequest, expired } from '../../api/status.ts';
import type { KeyValue } from '../../store/store.ts';
import type { Answer, ListAnswer } from '../answer.ts';
import { rangeAt } from '../at-revision.ts';
import type { Context } from '../context.ts';
import { canonical, Entry } from '../entry.ts';
import { type Bytes, joinItems } from '../items.ts';
import { type Resource, Snapshot } from '../resource.ts';
import { notOlderThan, parseRevision, validateListOptions } from '../revision.ts';
import { type Selection, selectionOf } from '../selection.ts';

/** Objects read from history in one go when only some of them are wanted. */
const selectFromAtOnce = 500;

/** One page of a list: what is behind the key `after`, as it was at `revision`. */
interface Page {
  readonly resource: Resource;
  readonly selection: Selection;
  readonly revision: number;
  readonly after: string;
  readonly limit: number;
}

export function list(context: Context, request: ApiRequest): Answer | Promise<Answer> {
  validateListOptions(request);
  const { kind, options = {} } = request;
  const resource = context.cache.resource(kind);
  const selection = selectionOf(resource, request);
  const asked = parseRevision(options.resourceVersion);
  // Any state will do: then the whole list is as cheap as a page of it.
  const limit = options.limit && options.limit > 0 && asked !== 0 ? options.limit : Number.POSITIVE_INFINITY;
  const page = { resource, selection, limit };

  if (options.continue) {
    if (asked) throw badRequest('specifying resource version is not allowed when using continue');
    const { revision, after } = parseToken(options.continue, resource.prefixOf(request.namespace), resource);
    if (revision === whateverNow) return pageNow({ ...page, revision: context.cache.revision, after });
    return pageAt(context, { ...page, revision, after });
  }
  const first = (revision: number) => ({ ...page, revision, after: '' });
  if (options.resourceVersionMatch === 'Exact' && asked) return pageAt(context, first(asked));
  const read = () => pageNow(first(context.cache.revision));
  const wait = asked ? notOlderThan(context, asked) : undefined;
  return wait ? wait.then(read) : read();
}

/** A page of one moment: from the cache while nothing has changed since, out of the store's history otherwise. */
function pageAt(context: Context, page: Page): Answer | Promise<Answer> {
  const { cache } = context;
  if (page.revision <= cache.revision && page.resource.changedAt <= page.revision) return pageNow(page);
  return pageFromHistory(context, page);
}

function pageNow({ resource, selection, revision, after, limit }: Page): ListAnswer {
  const snapshot = resource.snapshot(selection.namespace);
  if (selection.whole && !after && snapshot.entries.length <= limit) {
    return listOf(resource, snapshot.entries, { resourceVersion: String(revision) }, () => snapshot.items);
  }
  const selected = selection.whole ? snapshot : new Snapshot(selection.entries(resource));
  const start = after ? selected.behind(after) : 0;
  const entries = selected.entries.slice(start, start + limit);
  const left = selected.entries.length - start - entries.length;
  return pageOf(resource, selection, revision, entries, left);
}

async function pageFromHistory(context: Context, page: Page): Promise<Answer> {
  const { resource, selection, revision, limit } = page;
  if (selection.whole) {
    const { kvs, count } = await pageRange(context, page, page.after, limit);
    return pageOf(resource, selection, revision, entriesOf(resource, kvs), count - kvs.length);
  }
  const entries: Entry[] = [];
  // Until one more was found than is wanted, which tells that there is a next page.
  for (let { after } = page; entries.length <= limit; ) {
    const { kvs, more } = await pageRange(context, page, after, selectFromAtOnce);
    entries.push(...entriesOf(resource, kvs).filter(selection.matches));
    if (!more) break;
    after = kvs.at(-1)!.key;
  }
  return pageOf(resource, selection, revision, entries.slice(0, limit), entries.length - limit);
}

function entriesOf(resource: Resource, kvs: readonly KeyValue[]): Entry[] {
  const entries: Entry[] = [];
  for (const { key, value, modRevision } of kvs) {
    const bytes = canonical(resource.kind, value);
    if (bytes) entries.push(new Entry(resource.kind, key, bytes, modRevision));
  }
  return entries;
}

function pageRange(context: Context, page: Page, after: string, limit: number) {
  const { resource, selection, revision } = page;
  const prefix = resource.prefixOf(selection.namespace);
  const options = { prefix, revision, ...(after && { after }), ...(Number.isFinite(limit) && { limit }) };
  return rangeAt(context, options, () => {
    if (page.after) return continueExpired(makeToken(whateverNow, page.after, resource));
    return expired('The resourceVersion for the provided list is too old.');
  });
}

/** The rest of the list can still be had as it is now, by the token that comes with the error. */
function continueExpired(token: string): ApiError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata = { continue: token };
  return error;
}

function pageOf(
  resource: Resource,
  selection: Selection,
  revision: number,
  entries: Entry[],
  left: number,
): ListAnswer {
  const metadata = {
    resourceVersion: String(revision),
    ...(left > 0 && { continue: makeToken(revision, entries.at(-1)!.key, resource) }),
    // With selectors the number would cost a look at every object that is left.
    ...(left > 0 && selection.whole && { remainingItemCount: left }),
  };
  return listOf(resource, entries, metadata, () => joinItems(entries));
}

function listOf(
  { kind }: Resource,
  entries: readonly Entry[],
  metadata: ListAnswer['metadata'],
  items: () => Bytes,
): ListAnswer {
  return { type: 'list', kind, metadata, entries, items, code: 200, warnings: [] };
}

/** In the place of a token's revision: the list goes on as things are by then. */
const whateverNow = -1;

/** Written behind the last key of a page: the smallest key that is greater. */
const endOfKey = '\u0000';

/** The form of kube-apiserver's tokens; opaque to clients. */
function makeToken(revision: number, key: string, resource: Resource): string {
  const start = key.slice(resource.prefix.length) + endOfKey;
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

function parseToken(token: string, prefix: string, resource: Resource): { revision: number; after: string } {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString());
    const after = `${resource.prefix}${String(start).replace(endOfKey, '')}`;
    if (
      v === 'meta.k8s.io/v1' &&
      Number.isSafeInteger(rv) &&
      (rv > 0 || rv === whateverNow) &&
      after.startsWith(prefix)
    ) {
      return { revision: rv, after };
    }
  } catch {
    // Falls through to the one answer for every wrong token.
  }
  throw badRequest('invalid continue token: continue key is not valid: it was not made by this server for this list');
}
