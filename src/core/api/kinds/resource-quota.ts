/** Resource quotas: what all objects of a namespace may use together. */
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { Description, sorted } from '../describe.ts';
import { defineKind } from '../kind.ts';
import type { Stored } from '../object.ts';
import { ResourceQuota as schema } from '../types/resource-quota.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { validateQuota, validateQuotaStatus, validateQuotaUpdate } from './resource-quota/validate.ts';

export const ResourceQuota = defineKind<schema>({
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  schema,

  subresources: ['status'],
  deleteAnswersObject: true,

  prepareForCreate(quota) {
    quota.status = {};
  },
  validate: (quota) => [...validateClosedValues(schema, quota), ...validateQuota(quota.spec)],
  validateUpdate: (quota, old, subresource) =>
    subresource === '' ? validateQuotaUpdate(quota, old) : validateQuotaStatus(quota.status),

  columns: [
    nameColumn,
    textColumn('Request', 'What is used of what may be counted or asked for.', (quota) => usedOf(quota, false)),
    textColumn('Limit', 'What is used of the limits.', (quota) => usedOf(quota, true)),
    ageColumn,
  ],
  describe,

  example: {
    metadata: { name: 'quota', namespace: 'default' },
    spec: { hard: { pods: '10', 'requests.cpu': '4', 'limits.memory': '8Gi' }, scopes: ['NotTerminating'] },
  },
});
export type ResourceQuota = schema;

/** `pods: 2/10, requests.cpu: 1/4`. */
function usedOf({ status }: schema, limits: boolean): string {
  const wanted = sorted(status.hard).filter(([name]) => name.startsWith('limits.') === limits);
  return wanted.map(([name, hard]) => `${name}: ${status.used?.[name] ?? '0'}/${hard}`).join(', ');
}

function describe(quota: Stored<schema>): string {
  const { spec, status } = quota;
  const text = new Description().head(quota);
  if (spec.scopes?.length) text.line(0, 'Scopes:', [...spec.scopes].sort().join(', '));
  text.line(0, 'Resource', 'Used', 'Hard').line(0, '--------', '----', '----');
  for (const [name, hard] of sorted(status.hard)) text.line(0, name, status.used?.[name] ?? '0', hard);
  return text.toString();
}
