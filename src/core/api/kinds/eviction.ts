/** Evictions: the body of POST pods/NAME/eviction. It has no path of its own. */
import { ageColumn, nameColumn } from '../columns.ts';
import { defineKind } from '../kind.ts';
import { Eviction as schema } from '../types/eviction.ts';

export const Eviction = defineKind<schema>({
  kind: 'Eviction',
  plural: 'evictions',
  singular: 'eviction',
  group: 'policy',
  namespaced: true,
  schema,

  verbs: ['create'],

  columns: [nameColumn, ageColumn],

  example: { metadata: { name: 'web', namespace: 'default' }, deleteOptions: { gracePeriodSeconds: 5 } },
});
export type Eviction = schema;
