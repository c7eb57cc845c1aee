import { defineKind } from '../kind.ts';
import { Namespace as schema } from '../types/namespace.ts';

export const Namespace = defineKind<schema>({
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  namespaced: false,
  schema,
  subresources: ['status', 'finalize'],
  columns: [],
  example: {},
});
export type Namespace = schema;
