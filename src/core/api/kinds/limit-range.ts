/** Limit ranges: what one pod, container or claim of a namespace may ask for, and what it gets when it does not say. */
import { nameColumn } from '../columns.ts';
import { Description } from '../describe.ts';
import { defineKind } from '../kind.ts';
import type { Stored } from '../object.ts';
import { type LimitRangeItem, LimitRange as schema } from '../types/limit-range.ts';
import { validateLimits } from './limit-range/validate.ts';

export const LimitRange = defineKind<schema>({
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  schema,

  createOnUpdate: true,

  defaults({ spec }) {
    for (const item of spec.limits) if (item.type === 'Container') defaultContainerLimits(item);
  },
  validate: ({ spec }) => validateLimits('spec.limits', spec.limits),

  columns: [
    nameColumn,
    {
      name: 'Created At',
      type: 'date',
      description: 'When the object was created.',
      cell: ({ metadata }) => metadata.creationTimestamp,
    },
  ],
  describe,

  example: {
    metadata: { name: 'limits', namespace: 'default' },
    spec: {
      limits: [
        { type: 'Pod', max: { cpu: '2', memory: '1Gi' } },
        {
          type: 'Container',
          max: { cpu: '1' },
          min: { cpu: '50m' },
          default: { cpu: '500m', memory: '256Mi' },
          defaultRequest: { cpu: '100m' },
          maxLimitRequestRatio: { cpu: '10' },
        },
      ],
    },
  },
});
export type LimitRange = schema;

/** The most that is allowed is the limit, the limit is the request, unless they are given (SetDefaults_LimitRange). */
function defaultContainerLimits(item: LimitRangeItem): void {
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length) item.default = limits;
  if (Object.keys(requests).length) item.defaultRequest = requests;
}

function describe(range: Stored<schema>): string {
  const text = new Description().head(range);
  const columns = ['Type', 'Resource', 'Min', 'Max', 'Default Request', 'Default Limit', 'Max Limit/Request Ratio'];
  text.line(0, ...columns).line(0, ...columns.map((column) => column.replace(/./g, '-')));
  for (const { type, min, max, defaultRequest, default: limit, maxLimitRequestRatio } of range.spec.limits) {
    const parts = [min, max, defaultRequest, limit, maxLimitRequestRatio];
    const resources = new Set(parts.flatMap((part) => Object.keys(part ?? {})));
    for (const name of [...resources].sort()) text.line(0, type, name, ...parts.map((part) => part?.[name] ?? '-'));
  }
  return text.toString();
}
