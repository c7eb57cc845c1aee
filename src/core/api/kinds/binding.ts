import { defineKind } from '../kind.ts';
import { Binding as schema } from '../types/binding.ts';

export const Binding = defineKind<schema>({
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  shortNames: [],
  categories: [],
  namespaced: true,
  schema,
  subresources: [],
  columns: [],
  example: {},
});
export type Binding = schema;
