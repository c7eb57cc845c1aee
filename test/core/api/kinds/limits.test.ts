/** Limit ranges and resource quotas. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LimitRange, ResourceQuota } from '../../../../src/core/api/kinds/index.ts';
import { tableOf } from '../../../../src/core/api/table.ts';
import { textsOf, wrongUpdate, wrongWith } from '../../../helpers/field-errors.ts';
import { decoded, stored } from '../../../helpers/stored.ts';

const rangeOf = (item: object) => decoded(LimitRange, { metadata: { name: 'l' }, spec: { limits: [item] } });
const wrongItem = (item: object) => textsOf(LimitRange.validate?.(rangeOf(item)) ?? []);

test('a container’s limit is the most that is allowed, its request the limit, or else the least', () => {
  const [item] = rangeOf({ type: 'Container', max: { cpu: '2' }, min: { memory: '4Mi' } }).spec.limits;
  assert.deepEqual(item?.default, { cpu: '2' });
  assert.deepEqual(item?.defaultRequest, { memory: '4Mi', cpu: '2' });
  const [pod] = rangeOf({ type: 'Pod', max: { cpu: '2' } }).spec.limits;
  assert.equal(pod?.default, undefined);
});

const at = 'spec.limits[0]';
const wrongLimits: [object, string][] = [
  [{ type: 'Box' }, `${at}.type: Invalid value: "Box": must be a standard limit type or fully qualified`],
  [{ type: '' }, `${at}.type: Required value`],
  [{ type: 'Pod', default: { cpu: '1' } }, `${at}.default: Forbidden: may not be specified when \`type\` is 'Pod'`],
  [
    { type: 'Pod', max: { gold: '1' } },
    `${at}.max[gold]: Invalid value: "gold": must be a standard resource for containers`,
  ],
  [
    { type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } },
    `${at}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
  ],
  [
    { type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '2' } },
    `${at}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1`,
  ],
  [
    { type: 'Container', max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '1' } },
    `${at}.default[cpu]: Invalid value: "2": default value 2 is greater than max value 1`,
  ],
  [
    { type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } },
    `${at}.maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1`,
  ],
  [
    { type: 'PersistentVolumeClaim' },
    `${at}: Required value: either minimum or maximum storage value is required, but neither was provided`,
  ],
];
for (const [item, error] of wrongLimits) {
  test(`a limit range is refused: ${error}`, () => assert.deepEqual(wrongItem(item), [error]));
}

test('a type of limit comes once', () => {
  assert.deepEqual(wrongWith(LimitRange, { spec: { limits: [{ type: 'Pod' }, { type: 'Pod' }] } }), [
    'spec.limits[1].type: Duplicate value: "Pod"',
  ]);
});

const wrongQuotas: [object, string][] = [
  [
    { hard: { gold: '1' } },
    'spec.hard[gold]: Invalid value: "gold": must be a standard resource type or fully qualified',
  ],
  [{ hard: { pods: '-1' } }, 'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
  [{ hard: { pods: '1500m' } }, 'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
  [
    { hard: { configmaps: '1' }, scopes: ['Terminating'] },
    'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource',
  ],
  [
    { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
    'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
  ],
  [
    {
      hard: { pods: '1' },
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: [] }] },
    },
    "spec.scopeSelector.matchExpressions[0].values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
  ],
];
for (const [spec, error] of wrongQuotas) {
  test(`a quota is refused: ${error}`, () => {
    const quota = decoded(ResourceQuota, { metadata: { name: 'q' }, spec });
    assert.deepEqual(textsOf(ResourceQuota.validate?.(quota) ?? []), [error]);
  });
}

test('a quota may grow and shrink, its scopes stay', () => {
  assert.deepEqual(wrongUpdate(ResourceQuota, { spec: { hard: { pods: '1' } } }), []);
  assert.deepEqual(wrongUpdate(ResourceQuota, { spec: { scopes: ['BestEffort'] } }), [
    'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
  ]);
  assert.deepEqual(wrongUpdate(ResourceQuota, { status: { used: { pods: '-1' } } }, { subresource: 'status' }), [
    'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0',
  ]);
});

test('a quota shows what is used of what, limits apart', () => {
  const status = {
    hard: { pods: '10', 'limits.cpu': '4', 'requests.cpu': '2' },
    used: { pods: '3', 'limits.cpu': '1500m' },
  };
  const quota = stored(ResourceQuota, { ...ResourceQuota.example, status });
  const [row] = tableOf(ResourceQuota, [quota], { now: 0 }).rows;
  assert.deepEqual(row?.cells.slice(1, 3), ['pods: 3/10, requests.cpu: 0/2', 'limits.cpu: 1500m/4']);
  assert.match(ResourceQuota.describe?.(quota, {}, 0) ?? '', /\nlimits\.cpu +1500m +4\npods +3 +10\n/);
});
