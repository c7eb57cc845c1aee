import { defineKind } from '../kind.ts';
import { Node as schema } from '../types/node.ts';

export const Node = defineKind<schema>({
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  categories: [],
  namespaced: false,
  schema,
  subresources: ['status'],
  columns: [],
  example: {},
});
export type Node = schema;
