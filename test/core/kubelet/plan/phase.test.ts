/** The life cycle table of Kubernetes' documentation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus } from '../../../../src/core/api/types/container-status.ts';
import { phaseOf, type Told } from '../../../../src/core/kubelet/plan/phase.ts';

const at = '2015-05-01T00:00:00Z';
const ended = (exitCode: number) => ({ terminated: { exitCode, startedAt: at, finishedAt: at } });
function told(state: ContainerStatus['state'], { over = false, lastState = {} } = {}): Told {
  const status = { name: 'c', state, lastState, ready: false, restartCount: 0, image: '', imageID: '' };
  return { status, over };
}
const runs = told({ running: { startedAt: at } });
const waits = told({ waiting: { reason: 'ContainerCreating' } });
const crashed = told({ waiting: { reason: 'CrashLoopBackOff' } }, { lastState: ended(1) });
const restarting = (exitCode: number) => told(ended(exitCode));
const done = (exitCode: number) => told(ended(exitCode), { over: true });

const rows: [string, Told[], string][] = [
  ['none has started', [waits], 'Pending'],
  ['one of two has not started', [runs, waits], 'Pending'],
  ['all run', [runs, runs], 'Running'],
  ['one ended and will run again', [restarting(1)], 'Running'],
  ['one waits to run again', [crashed], 'Running'],
  ['the first of two ended for good, the other runs', [done(1), runs], 'Running'],
  ['the only one ended with 0 for good', [done(0)], 'Succeeded'],
  ['the only one ended with 1 for good', [done(1)], 'Failed'],
  ['both ended for good, one with 1', [done(0), done(1)], 'Failed'],
  ['one ended with 0 for good, the other waits to run again', [done(0), crashed], 'Running'],
];
for (const [what, mains, phase] of rows) {
  test(`${what}: ${phase}`, () => assert.equal(phaseOf({ inits: [], initialized: true, mains }), phase));
}

test('while init containers run the pod is Pending, and Failed when one has failed for good', () => {
  assert.equal(phaseOf({ inits: [runs], initialized: false, mains: [waits] }), 'Pending');
  assert.equal(phaseOf({ inits: [crashed], initialized: false, mains: [waits] }), 'Pending');
  assert.equal(phaseOf({ inits: [done(0), runs], initialized: false, mains: [waits] }), 'Pending');
  assert.equal(phaseOf({ inits: [done(1)], initialized: false, mains: [waits] }), 'Failed');
});
