import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planGarbage } from '../../../src/core/controllers/garbage-collector.ts';
import { controller, pod } from '../../helpers/objects.ts';

const going = { deletionTimestamp: '2015-05-01T00:00:00Z' };
const pods = [pod('a'), pod('b', { metadata: going })];
const rc = (finalizers?: string[], metadata = going) =>
  controller('web', {}, { metadata: { ...metadata, ...(finalizers && { finalizers }) } });

const rows: [
  what: string,
  owner: ReturnType<typeof rc> | undefined,
  pods: ReturnType<typeof pod>[],
  steps: string[],
][] = [
  ['an owner that lives keeps its pods', controller('web'), pods, []],
  ['pods of an owner that is gone are collected', undefined, pods, ['collectPods a,b']],
  ['no pods, nothing to collect', undefined, [], []],
  ['orphan: pods are released first', rc(['orphan']), pods, ['releasePods a,b']],
  ['orphan: then the owner may go', rc(['orphan']), [], ['removeFinalizer orphan']],
  ['foreground: pods are deleted first', rc(['foregroundDeletion']), pods, ['deletePods a']],
  ['foreground: and waited for', rc(['foregroundDeletion']), [pods[1]!], []],
  ['foreground: then the owner may go', rc(['foregroundDeletion']), [], ['removeFinalizer foregroundDeletion']],
  ['finalizers of others are for others', rc(['example.com/hold']), pods, []],
  [
    'a finalizer says nothing before the deletion',
    controller('web', {}, { metadata: { finalizers: ['orphan'] } }),
    pods,
    [],
  ],
];

for (const [what, owner, owned, expected] of rows) {
  test(`garbage plan: ${what}`, () => {
    const words = planGarbage(owner, owned).steps.map((step) => {
      const objects = step.type === 'removeFinalizer' ? step.finalizer : step.pods.map(({ metadata }) => metadata.name);
      return `${step.type} ${objects}`;
    });
    assert.deepEqual(words, expected);
  });
}
