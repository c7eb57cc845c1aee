/** Leases: who holds a role, such as that of the scheduler, and until when. */
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { Description } from '../describe.ts';
import { defineKind } from '../kind.ts';
import type { FieldError } from '../status.ts';
import { Lease as schema } from '../types/lease.ts';
import { forbiddenField, invalidValue, nonNegative } from '../validation/errors.ts';

export const Lease = defineKind<schema>({
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  group: 'coordination.k8s.io',
  namespaced: true,
  schema,

  createOnUpdate: true,
  updateNeedsVersion: true,

  validate,

  columns: [
    nameColumn,
    textColumn('Holder', 'Who holds the lease.', ({ spec }) => spec.holderIdentity ?? ''),
    ageColumn,
  ],
  describe({ spec, ...lease }) {
    const { labels, annotations } = lease.metadata;
    const text = new Description().head(lease).labels(0, labels).annotations(0, annotations);
    text.line(0, 'Holder Identity:', spec.holderIdentity || '<unset>');
    text.line(0, 'Acquire Time:', spec.acquireTime ?? '<unset>').line(0, 'Renew Time:', spec.renewTime ?? '<unset>');
    const { leaseDurationSeconds: seconds } = spec;
    text.line(0, 'Lease Duration:', seconds === undefined ? '<unset>' : `${seconds}s`);
    return text.line(0, 'Lease Transitions:', spec.leaseTransitions ?? 0).toString();
  },

  example: {
    metadata: { name: 'kube-scheduler', namespace: 'kube-system' },
    spec: {
      holderIdentity: 'core-01_6c1f0a52',
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-25T09:00:00.000000Z',
      renewTime: '2026-11-25T09:59:58.250000Z',
      leaseTransitions: 2,
    },
  },
});
export type Lease = schema;

function validate({ spec }: schema): FieldError[] {
  const { leaseDurationSeconds: seconds, strategy, preferredHolder } = spec;
  const errors = nonNegative('spec.leaseTransitions', spec.leaseTransitions);
  if (seconds !== undefined && seconds <= 0) {
    errors.unshift(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  }
  if (preferredHolder && !strategy) {
    errors.push(forbiddenField('spec.preferredHolder', 'may only be specified when `strategy` is defined'));
  }
  return errors;
}
