/** Columns that most Tables share. */

import { age } from './duration.ts';
import type { Column } from './kind.ts';
import type { KubeObject } from './object.ts';

export const none = '<none>';

export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  description: 'Name must be unique within a namespace; it is set at creation and never changes.',
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created.',
  cell: (object, now) => age(object.metadata.creationTimestamp, now),
};

type Cell<T> = Column<T>['cell'];

export function textColumn<T>(name: string, description: string, cell: Cell<T>): Column<T> {
  return { name, type: 'string', description, cell };
}
export function numberColumn<T>(name: string, description: string, cell: Cell<T>): Column<T> {
  return { name, type: 'integer', description, cell };
}
/** Shown with `-o wide` only. */
export function wide<T>(column: Column<T>): Column<T> {
  return { ...column, priority: 1 };
}
