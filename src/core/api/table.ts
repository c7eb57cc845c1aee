/** meta.k8s.io/v1 Tables: what `get` prints comes from the server, for every client alike. */
import type { Kind } from './kind.ts';
import type { KubeObject, ListMeta, Stored } from './object.ts';

export interface TableColumn {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

export interface TableRow {
  cells: (string | number | boolean | null)[];
  conditions?: { type: string; status: string; reason: string; message: string }[];
  /** The whole object, its metadata, or null, as the client asked. */
  object: object | null;
}

export interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1';
  metadata: ListMeta;
  /** Null in a watch after its first event. */
  columnDefinitions: TableColumn[] | null;
  rows: TableRow[];
}

export interface TableOptions {
  /** The server's time in milliseconds. */
  now: number;
  includeObject?: 'None' | 'Metadata' | 'Object';
  metadata?: ListMeta;
  /** False in a watch after its first event. */
  withColumns?: boolean;
}

/** A Table of a list, or of the one object of a get or of a watch event. */
export function tableOf<T extends KubeObject>(
  kind: Kind<T>,
  objects: readonly Stored<T>[],
  { now, includeObject = 'Metadata', metadata = {}, withColumns = true }: TableOptions,
): Table {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withColumns ? columnsOf(kind) : null,
    rows: objects.map((object) => {
      const row: TableRow = { cells: kind.columns.map((c) => c.cell(object, now)), object: null };
      const conditions = kind.rowConditions?.(object);
      if (conditions?.length) row.conditions = conditions;
      if (includeObject === 'Object') row.object = object;
      if (includeObject === 'Metadata') row.object = partialMetadata(object);
      return row;
    }),
  };
}

/** All five members are always written. */
function columnsOf<T extends KubeObject>(kind: Kind<T>): TableColumn[] {
  return kind.columns.map(({ name, type, description, priority = 0 }) => ({
    name,
    type,
    format: name === 'Name' ? 'name' : '',
    description,
    priority,
  }));
}

/** The object without all but its metadata. */
export function partialMetadata(object: { metadata: object }) {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
