import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicationController } from '../../../../src/core/api/kinds/index.ts';
import { wrongUpdate, wrongWith } from '../../../helpers/field-errors.ts';
import { assertGolden } from '../../../helpers/golden.ts';
import { pod } from '../../../helpers/objects.ts';
import { decoded, stored } from '../../../helpers/stored.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };

test('selector and labels come from the template, replicas are one', () => {
  const { metadata, spec } = decoded(ReplicationController, { metadata: { name: 'web' }, spec: { template } });
  assert.equal(spec.replicas, 1);
  assert.deepEqual(spec.selector, { app: 'web' });
  assert.deepEqual(metadata.labels, { app: 'web' });
  assert.equal(spec.template?.spec.restartPolicy, 'Always');
});

test('labels and selector are their own objects', () => {
  const { metadata, spec } = decoded(ReplicationController, { metadata: { name: 'web' }, spec: { template } });
  assert.notEqual(spec.selector, metadata.labels);
  assert.notEqual(spec.selector, spec.template?.metadata.labels);
});

test('no replicas is a number of replicas', () => {
  assert.equal(decoded(ReplicationController, { spec: { replicas: 0, template } }).spec.replicas, 0);
  assert.deepEqual(wrongWith(ReplicationController, { spec: { replicas: 0 } }), []);
});

const wrong: [unknown, string][] = [
  [{ spec: { replicas: -1 } }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  [{ spec: { template: null } }, 'spec.template: Required value'],
  [
    { spec: { selector: { app: 'db' } } },
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    { spec: { template: { spec: { restartPolicy: 'Never' } } } },
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [{ spec: { template: { spec: { containers: [] } } } }, 'spec.template.spec.containers: Required value'],
  [
    { spec: { template: { spec: { containers: [{ name: 'c' }] } } } },
    'spec.template.spec.containers[0].image: Required value',
  ],
];

for (const [patch, error] of wrong) {
  test(`is refused: ${error}`, () => assert.deepEqual(wrongWith(ReplicationController, patch), [error]));
}

test('a template without labels leaves nothing to select', () => {
  const patch = { spec: { selector: null, template: { metadata: { labels: null } } } };
  assert.deepEqual(wrongWith(ReplicationController, patch), ['spec.selector: Required value']);
});

test('a status cannot count more pods of a sort than there are', () => {
  const status = { status: { replicas: 1, readyReplicas: 2 } };
  assert.deepEqual(wrongUpdate(ReplicationController, status, { subresource: 'status' }), [
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ]);
});

test('describes its pods by phase', () => {
  const controller = stored(ReplicationController, { ...ReplicationController.example, status: { replicas: 3 } });
  const phases = ['Running', 'Running', 'Pending'] as const;
  const pods = phases.map((phase, i) => pod(`web-${i}`, { status: { phase } }));
  const text = ReplicationController.describe?.(controller, { pods }, 0) ?? '';
  assertGolden('describe/replicationcontroller-with-pods.txt', text);
});
