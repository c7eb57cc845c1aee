/** Scale: what the `scale` subresource of every kind with replicas reads and writes. It has no path of its own. */
import { ageColumn, nameColumn, numberColumn } from '../columns.ts';
import { defineKind } from '../kind.ts';
import { Scale as schema } from '../types/scale.ts';
import { nonNegative } from '../validation/errors.ts';

export const Scale = defineKind<schema>({
  kind: 'Scale',
  plural: 'scales',
  singular: 'scale',
  group: 'autoscaling',
  namespaced: true,
  schema,

  validate: ({ spec }) => nonNegative('spec.replicas', spec.replicas),

  columns: [
    nameColumn,
    numberColumn('Desired', 'Pods there should be.', ({ spec }) => spec.replicas ?? 0),
    numberColumn('Available', 'Pods there are.', ({ status }) => status.replicas),
    ageColumn,
  ],

  example: {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 3 },
    status: { replicas: 2, selector: 'app=web' },
  },
});
export type Scale = schema;
