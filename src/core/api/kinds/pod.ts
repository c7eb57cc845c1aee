import { defineKind } from '../kind.ts';
import { Pod as schema } from '../types/pod.ts';

export const Pod = defineKind<schema>({
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema,
  subresources: ['status', 'binding', 'log'],
  columns: [],
  example: {},
});
export type Pod = schema;
