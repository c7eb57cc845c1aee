/** Namespaces. */
import { list, oneOf, opt, req, type Static, str, struct, time } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const NamespaceSpec = struct('NamespaceSpec', {
  finalizers: opt(1, list(str), { listType: 'atomic' }),
});
export type NamespaceSpec = Static<typeof NamespaceSpec>;

export const NamespaceCondition = struct('NamespaceCondition', {
  type: req(1, str),
  status: req(2, oneOf('True', 'False', 'Unknown')),
  lastTransitionTime: req(4, time),
  reason: opt(5, str),
  message: opt(6, str),
});
export type NamespaceCondition = Static<typeof NamespaceCondition>;

export const NamespaceStatus = struct('NamespaceStatus', {
  phase: opt(1, oneOf('Active', 'Terminating')),
  conditions: opt(2, list(NamespaceCondition), {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
});
export type NamespaceStatus = Static<typeof NamespaceStatus>;

export const Namespace = struct('Namespace', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, NamespaceSpec),
  status: req(3, NamespaceStatus),
});
export type Namespace = Static<typeof Namespace>;
