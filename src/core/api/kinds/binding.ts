/** Bindings: the scheduler's word on where a pod runs. Created, obeyed and never stored. */
import { ageColumn, nameColumn } from '../columns.ts';
import { defineKind } from '../kind.ts';
import { Binding as schema } from '../types/binding.ts';
import { invalidBecause, notSupported, required } from '../validation/errors.ts';
import { dnsSubdomainProblems } from '../validation/names.ts';

export const Binding = defineKind<schema>({
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  namespaced: true,
  schema,

  verbs: ['create'],

  validate({ target: { kind, name } }) {
    const errors = kind && kind !== 'Node' ? [notSupported('target.kind', kind, ['Node', '<empty>'])] : [];
    if (!name) return [...errors, required('target.name')];
    return [...errors, ...invalidBecause('target.name', name, dnsSubdomainProblems(name))];
  },

  columns: [nameColumn, ageColumn],

  example: {
    metadata: { name: 'web', namespace: 'default' },
    target: { apiVersion: 'v1', kind: 'Node', name: 'core-01' },
  },
});
export type Binding = schema;
