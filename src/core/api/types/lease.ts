/** Leases: who holds a role at the moment, and until when. */
import { int32, microTime, opt, ptr, req, type Static, str, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const LeaseSpec = struct('LeaseSpec', {
  holderIdentity: ptr(1, str),
  leaseDurationSeconds: ptr(2, int32),
  acquireTime: opt(3, microTime),
  renewTime: opt(4, microTime),
  leaseTransitions: ptr(5, int32),
  strategy: ptr(6, str),
  preferredHolder: ptr(7, str),
});
export type LeaseSpec = Static<typeof LeaseSpec>;

export const Lease = struct('Lease', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, LeaseSpec),
});
export type Lease = Static<typeof Lease>;
