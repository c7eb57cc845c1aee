/**
 * One API call, before it is HTTP and after. The HTTP adapter of the server makes ApiRequests from paths and queries,
 * the HTTP transport of the client makes paths and queries from ApiRequests, and components in one process hand them
 * over as they are.
 */
import type { Kind, Subresource } from './kind.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
export type PatchType = 'merge' | 'json' | 'strategic' | 'apply';

/** Query parameters by their Kubernetes names. */
export interface RequestOptions {
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  allowWatchBookmarks?: boolean;
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
  dryRun?: boolean;
  fieldManager?: string;
  /** apply: take over fields that others manage. */
  force?: boolean;
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  /** delete */
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  /** The old way to say Orphan or Background. */
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  /** Answer a Table instead of the object or list. */
  as?: 'Table' | 'PartialObjectMetadata';
  includeObject?: 'None' | 'Metadata' | 'Object';
  /** Writes: only within this term of the component that makes them. */
  term?: Term;
  /** pods/log */
  log?: LogOptions;
}

/** A stretch of time in which one component holds a lease. */
export interface Term {
  /** Of the lease. */
  readonly namespace: string;
  readonly name: string;
  readonly holder: string;
  /** How often the lease had gone from one to another when it began. */
  readonly transitions: number;
}

export interface LogOptions {
  container?: string;
  follow?: boolean;
  previous?: boolean;
  timestamps?: boolean;
  tailLines?: number;
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  limitBytes?: number;
  /** All unless given. */
  stream?: 'All' | 'Stdout' | 'Stderr';
  /** Accepted and without effect: kubelets here are asked over HTTP. */
  insecureSkipTLSVerifyBackend?: boolean;
}

export interface ApiRequest {
  verb: Verb;
  // biome-ignore lint/suspicious/noExplicitAny: requests of every kind travel through the same functions
  kind: Kind<any>;
  /** Undefined for cluster-scoped kinds and for lists over all namespaces. */
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: Subresource | undefined;
  options?: RequestOptions;
  /** The object, for create and update; the patch document, for patch. */
  body?: unknown;
  patchType?: PatchType;
  /** The subresource by which somebody writes to the whole object. */
  through?: Subresource;
  /** What the body said twice, where it was asked for (fieldValidation). */
  duplicates?: readonly string[];
}
