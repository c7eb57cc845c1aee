import { defineKind } from '../kind.ts';
import { Endpoints as schema } from '../types/service.ts';

export const Endpoints = defineKind<schema>({
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  categories: [],
  namespaced: true,
  schema,
  subresources: [],
  columns: [],
  example: {},
});
export type Endpoints = schema;
