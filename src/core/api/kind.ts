/**
 * The Kind contract: a resource is one declarative file. Routes, store prefix, decoding, client calls, watch, tables,
 * `describe` and discovery all derive from it; nothing else in the tree names a plain kind.
 */
import type { KubeObject, Stored } from './object.ts';
import type { Struct } from './schema.ts';
import type { FieldError } from './status.ts';

export interface Column<T> {
  /** As the Table names it, such as `Restarts`; clients print it in capitals. */
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** Columns above 0 are shown with `-o wide` only. */
  priority?: number;
  description: string;
  /** `now` is the server's time in milliseconds, for ages. */
  cell(object: Stored<T & KubeObject>, now: number): string | number | boolean | null;
}

/** Lists that `describe` wants beside the object; the verb fetches them and hands them over under these names. */
export interface RelatedQuery {
  /** Plural of the kind to list. */
  plural: string;
  /** In the object's namespace unless true. */
  allNamespaces?: boolean;
  labelSelector?: string;
  fieldSelector?: string;
}
export type Related = Readonly<Record<string, readonly Stored[]>>;

/** What can be asked of an object besides the object: the last part of a path. */
export type Subresource = 'status' | 'finalize' | 'scale' | 'binding' | 'eviction' | 'log' | 'proxy';

export interface KindSpec<T extends KubeObject> {
  kind: string;
  plural: string;
  singular: string;
  shortNames?: readonly string[];
  /** Groups of kinds a user can name at once, such as `all`. */
  categories?: readonly string[];
  /** '' is the core group. */
  group?: string;
  version?: string;
  namespaced: boolean;
  /** What metadata.name may look like: a DNS subdomain unless it is a DNS label. */
  nameForm?: 'subdomain' | 'label';
  // biome-ignore lint/suspicious/noExplicitAny: a struct of any fields, its static type is T
  schema: Struct<any> & { readonly static?: T };

  /** Only these verbs exist; all of them unless given. */
  verbs?: readonly ('create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch')[];
  /** `status`: its own endpoint; a plain PUT then keeps the stored status, and the other way round. */
  subresources?: readonly Subresource[];
  /** PUT of an object that does not exist creates it. */
  createOnUpdate?: boolean;
  /** PUT of an object that exists has to say which version of it the writer saw. */
  updateNeedsVersion?: boolean;
  /** metadata.generation counts changes of the desired state. */
  generation?: boolean;
  /** Objects are kept for as long as the server keeps events. */
  expires?: boolean;
  /** Seconds between the DELETE and the object's end; 0 (the default) removes it at once. `asked` is the request's wish. */
  gracePeriodSeconds?(object: Stored<T>, asked: number | undefined): number;
  /** For kinds whose objects own others: what a DELETE that does not say does to those. */
  defaultPropagation?: 'Orphan' | 'Background';
  /** The object the API answers a successful DELETE with, instead of a Status. */
  deleteAnswersObject?: boolean;

  /** Fills in what the user left out. Changes `object`; running it twice changes nothing more. */
  defaults?(object: T): void;
  /** Sets what only the server may set at creation (status, generation …). */
  prepareForCreate?(object: T): void;
  /** Carries over from `old` what an update may not or need not set. */
  prepareForUpdate?(object: T, old: Stored<T>): void;
  /** For kinds that are questions, answered and never stored: fills in the answer. */
  review?(object: T): void;
  /** One error per wrong field. Metadata is checked by the engine. */
  validate?(object: T): FieldError[];
  /** What must not change. `subresource` is '' for the object itself. */
  validateUpdate?(object: T, old: Stored<T>, subresource: string): FieldError[];

  /** Field selector paths besides metadata.name and metadata.namespace → the value compared. */
  selectableFields?: Readonly<Record<string, (object: T) => string>>;
  columns: readonly Column<T>[];
  /** Conditions of a Table row (finished pods are `Completed`). */
  rowConditions?(object: Stored<T>): { type: string; status: string; reason: string; message: string }[];
  related?(object: Stored<T>): Readonly<Record<string, RelatedQuery>>;
  /** The text of `kubecfg describe`, without the events that the verb appends from related.events. */
  describe?(object: Stored<T>, related: Related, now: number): string;
  /** A small valid object: documentation, and the seed of the tests every kind runs. */
  example: object;
}

export interface Kind<T extends KubeObject = KubeObject> extends KindSpec<T> {
  readonly group: string;
  readonly version: string;
  /** `v1`, or `group/version`. */
  readonly apiVersion: string;
  readonly nameForm: 'subdomain' | 'label';
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
}

export function defineKind<T extends KubeObject>(spec: KindSpec<T>): Kind<T> {
  const { group = '', version = 'v1' } = spec;
  return {
    nameForm: 'subdomain',
    shortNames: [],
    categories: [],
    subresources: [],
    ...spec,
    group,
    version,
    apiVersion: group ? `${group}/${version}` : version,
  };
}
