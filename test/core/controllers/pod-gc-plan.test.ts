import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planPodGc } from '../../../src/core/controllers/pod-gc.ts';
import { node, pod } from '../../helpers/objects.ts';

const bound = (metadata = {}) => pod('p', { metadata, spec: { nodeName: 'core-01' } });
const going = bound({ deletionTimestamp: '2015-05-01T00:10:30Z', deletionGracePeriodSeconds: 30 });
const up = node('core-01');
const silent = node('core-01', { ready: 'Unknown' });
const halted = node('core-01', { ready: 'False', status: { phase: 'Terminated' } });
const created = Date.UTC(2015, 4, 1);
const at = (seenMs: number) => ({ now: created + seenMs, seenMs });
const soon = at(10_000);
const later = at(700_000);
const clockBehind = { now: created - 3_600_000, seenMs: 30_000 };

type Args = Parameters<typeof planPodGc>;
const rows: [what: string, args: Args, steps: string[], againAfterMs?: number][] = [
  ['a pod without a node waits for the scheduler', [pod('p'), undefined, later], []],
  ['a pod whose node is there is left alone', [bound(), up, later], []],
  ['a node may be about to register', [bound(), undefined, soon], [], 30_000],
  ['by a clock that is an hour behind, too', [bound(), undefined, clockBehind], [], 10_000],
  ['a pod whose node does not exist goes', [bound(), undefined, later], ['collect']],
  ['a pod that ends on a live node is for its kubelet', [going, up, later], []],
  ['on a silent node it gets its grace period', [going, silent, soon], [], 20_000],
  ['and then goes', [going, silent, later], ['remove']],
  ['on a halted machine too', [going, halted, later], ['remove']],
  ['pods that stay on a silent node are for the node controller', [bound(), silent, later], []],
  ['a pod that is gone needs nothing', [undefined, undefined, later], []],
];

for (const [what, args, steps, againAfterMs] of rows) {
  test(`pod gc plan: ${what}`, () => {
    const plan = planPodGc(...args);
    assert.deepEqual(
      plan.steps.map(({ type }) => type),
      steps,
    );
    assert.equal(plan.againAfterMs, againAfterMs);
  });
}
