/** Resource quotas: what all objects of a namespace may use together. */
import { list, map, oneOf, opt, quantity, req, type Static, str, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

const scope = oneOf(
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
);

export const ScopedResourceSelectorRequirement = struct('ScopedResourceSelectorRequirement', {
  scopeName: req(1, scope),
  operator: req(2, oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')),
  values: opt(3, list(str), { listType: 'atomic' }),
});
export type ScopedResourceSelectorRequirement = Static<typeof ScopedResourceSelectorRequirement>;

export const ScopeSelector = struct(
  'ScopeSelector',
  {
    matchExpressions: opt(1, list(ScopedResourceSelectorRequirement), { listType: 'atomic' }),
  },
  { atomic: true },
);
export type ScopeSelector = Static<typeof ScopeSelector>;

export const ResourceQuotaSpec = struct('ResourceQuotaSpec', {
  hard: opt(1, map(quantity)),
  scopes: opt(2, list(scope), { listType: 'atomic' }),
  scopeSelector: opt(3, ScopeSelector),
});
export type ResourceQuotaSpec = Static<typeof ResourceQuotaSpec>;

export const ResourceQuotaStatus = struct('ResourceQuotaStatus', {
  hard: opt(1, map(quantity)),
  used: opt(2, map(quantity)),
});
export type ResourceQuotaStatus = Static<typeof ResourceQuotaStatus>;

export const ResourceQuota = struct('ResourceQuota', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, ResourceQuotaSpec),
  status: req(3, ResourceQuotaStatus),
});
export type ResourceQuota = Static<typeof ResourceQuota>;
