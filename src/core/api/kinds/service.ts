import { defineKind } from '../kind.ts';
import { Service as schema } from '../types/service.ts';

export const Service = defineKind<schema>({
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema,
  subresources: ['status'],
  columns: [],
  example: {},
});
export type Service = schema;
