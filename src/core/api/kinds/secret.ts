import { defineKind } from '../kind.ts';
import { Secret as schema } from '../types/secret.ts';

export const Secret = defineKind<schema>({
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  shortNames: [],
  categories: [],
  namespaced: true,
  schema,
  subresources: [],
  columns: [],
  example: {},
});
export type Secret = schema;
