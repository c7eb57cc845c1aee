/** What `get`, `list` and `events` do: fetch, print as Tables or whole objects, and with `-w` go on printing. */
import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import type { RequestOptions } from '../api/request.ts';
import { ApiError } from '../api/status.ts';
import type { Table } from '../api/table.ts';
import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { Failures, UsageError } from './errors.ts';
import {
  type Answer,
  fetchAll,
  follow,
  mergeTables,
  type Query,
  type QueryFlags,
  queryOf,
  requestsFor,
} from './listing.ts';
import { type ObjectPrinter, objectPrinter, qualified } from './printers/index.ts';
import { TablePrinter } from './printers/table.ts';
import type { Selection } from './resources.ts';

export interface ReadFlags extends QueryFlags {
  output?: string | undefined;
  watch?: boolean | undefined;
  'no-headers'?: boolean | undefined;
  'show-labels'?: boolean | undefined;
  'label-columns'?: string[] | undefined;
  'sort-by'?: string | undefined;
  'ignore-not-found'?: boolean | undefined;
  'at-revision'?: number | undefined;
}

export interface ReadContext {
  connect(): Promise<Connection>;
  context: Context;
}

export async function read(selection: Selection, flags: ReadFlags, { connect, context }: ReadContext): Promise<void> {
  const printer = await objectPrinter(flags.output, flags['no-headers']);
  const api = await connect();
  const query = queryOf(flags, api, selection);
  if (flags.watch) return watch(selection, { flags, query, printer }, { api, context });
  const errors = printer
    ? await printObjects(selection, { flags, query, printer }, { api, context })
    : await printTables(selection, { flags, query, printer }, { api, context });
  const failures = flags['ignore-not-found'] ? errors.filter((e) => !isNotFound(e)) : errors;
  if (failures.length > 0) throw new Failures(failures);
}

interface How {
  flags: ReadFlags;
  query: Query;
  printer: ObjectPrinter | undefined;
}
interface Where {
  api: Connection;
  context: Context;
}

async function printObjects(selection: Selection, { flags, query, printer }: How, where: Where): Promise<unknown[]> {
  const requests = requestsFor(selection, query, atRevision(flags));
  const { answers, errors } = await fetchAll<KubeObject & { items?: KubeObject[] }>(where.api, requests);
  let objects = answers.flatMap(({ answer }) => answer.items ?? [answer as KubeObject]);
  if (flags['sort-by']) {
    const { sortBy } = await import('./printers/sort.ts');
    objects = sortBy(objects, flags['sort-by'], (object) => object);
  }
  const single = selection.type === 'objects' && selection.objects.length === 1;
  if (!single || objects.length > 0) where.context.stdout.write(printer!({ objects, single }));
  return errors;
}

async function printTables(selection: Selection, { flags, query }: How, { api, context }: Where): Promise<unknown[]> {
  const sorted = flags['sort-by'];
  const requests = requestsFor(selection, query, {
    as: 'Table',
    ...(sorted ? { includeObject: 'Object' } : {}),
    ...atRevision(flags),
  });
  const { answers, errors } = await fetchAll<Table>(api, requests);
  let tables = mergeTables(answers);
  if (sorted) {
    const { sortBy } = await import('./printers/sort.ts');
    tables = tables.map(({ kind, answer }) => ({
      kind,
      answer: { ...answer, rows: sortBy(answer.rows, sorted, (row) => row.object) },
    }));
  }
  const filled = tables.filter(({ answer }) => answer.rows.length > 0);
  const severalKinds = new Set(requests.map(({ kind }) => kind)).size > 1;
  const texts = filled.map(({ kind, answer }) => tablePrinter(kind, flags, severalKinds).print(answer));
  context.stdout.write(texts.join('\n'));
  if (filled.length === 0 && errors.length === 0) context.stderr.write(`${nothingFound(query, tables)}\n`);
  return errors;
}

function atRevision({ 'at-revision': revision }: ReadFlags): RequestOptions {
  return revision === undefined ? {} : { resourceVersion: String(revision), resourceVersionMatch: 'Exact' };
}

function tablePrinter(kind: Kind, flags: ReadFlags, prefixed = false): TablePrinter {
  return new TablePrinter({
    wide: flags.output === 'wide',
    noHeaders: flags['no-headers'] ?? false,
    showLabels: flags['show-labels'] ?? false,
    labelColumns: flags['label-columns'] ?? [],
    withNamespace: (flags['all-namespaces'] ?? false) && kind.namespaced,
    kindPrefix: prefixed ? qualified(kind) : undefined,
  });
}

function nothingFound({ namespace }: Query, tables: readonly Answer<Table>[]): string {
  const inNamespace = namespace && tables.some(({ kind }) => kind.namespaced);
  return inNamespace ? `No resources found in ${namespace} namespace.` : 'No resources found';
}

/** The list, then every change as a row or an object of its own, until the user has seen enough. */
async function watch(selection: Selection, { flags, query, printer }: How, { api, context }: Where): Promise<void> {
  if (flags['at-revision']) throw new UsageError('--at-revision cannot be given together with --watch');
  if (flags['sort-by']) throw new UsageError('--sort-by cannot be given together with --watch');
  const kinds = selection.type === 'collections' ? selection.kinds : selection.objects.map((o) => o.kind);
  if (kinds.length !== 1) throw new UsageError('--watch follows a single type, or a single object');
  const kind = kinds[0]!;
  const name = selection.type === 'objects' ? selection.objects[0]!.name : undefined;
  // A name that does not exist is an error now, not a watch that stays silent.
  if (name) await api.client.get(kind, kind.namespaced ? query.namespace : '', name);
  const followed = { ...query, kind, ...(name ? { fieldSelector: `metadata.name=${name}` } : {}) };
  const table = tablePrinter(kind, flags);
  const print = (answer: object): string => {
    if (!printer) return table.print(answer as Table);
    const objects = (answer as { items?: KubeObject[] }).items ?? [answer as KubeObject];
    return objects.map((object) => printer({ objects: [object], single: true })).join('');
  };
  for await (const event of follow(api, followed, printer ? {} : { as: 'Table' }, context.signal)) {
    context.stdout.write(print(event.type === 'LIST' ? (event.answer as object) : event.object));
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'NotFound';
}
