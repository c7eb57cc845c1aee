import { defineKind } from '../kind.ts';
import { ReplicationController as schema } from '../types/replication-controller.ts';

export const ReplicationController = defineKind<schema>({
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  schema,
  subresources: ['status'],
  columns: [],
  example: {},
});
export type ReplicationController = schema;
