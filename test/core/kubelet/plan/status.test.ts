import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodStatus } from '../../../../src/core/api/types/pod.ts';
import { decide } from '../../../../src/core/kubelet/plan/decide.ts';
import { podStatus } from '../../../../src/core/kubelet/plan/status.ts';
import { container } from '../../../helpers/objects.ts';
import { aView, instance, policy, sandbox, second, start, type ViewParts } from './views.ts';

function statusOf(parts: ViewParts): PodStatus {
  const view = aView(parts);
  return podStatus(view, decide(view), 'docker');
}
const stateOf = (parts: ViewParts) => statusOf(parts).containerStatuses![0]!;
const ready = (status: PodStatus) => status.conditions!.find((c) => c.type === 'Ready')!;
const inSandbox = (...containers: ReturnType<typeof instance>[]) => ({ sandboxes: [sandbox()], containers });

test('a container that runs', () => {
  const status = stateOf(inSandbox(instance({ restartCount: 2 })));
  assert.deepEqual(status, {
    name: 'main',
    state: { running: { startedAt: '2015-05-01T00:00:00Z' } },
    lastState: {},
    ready: true,
    restartCount: 2,
    image: 'test',
    imageID: 'docker://sha256:1',
    containerID: 'docker://c1',
    started: true,
  });
});

test('what runs tells how the one before it ended', () => {
  const { lastState } = stateOf(inSandbox(instance({ id: 'c0', exitCode: 2 }), instance({ restartCount: 1 })));
  assert.equal(lastState.terminated?.exitCode, 2);
  assert.equal(lastState.terminated?.containerID, 'docker://c0');
});

test('and when that one is gone, what the API was told of it', () => {
  const before = statusOf(inSandbox(instance({ id: 'c0', exitCode: 2 }), instance({ restartCount: 1 })));
  const { lastState, restartCount } = stateOf({ ...inSandbox(instance({ restartCount: 0 })), known: before });
  assert.equal(lastState.terminated?.containerID, 'docker://c0');
  assert.equal(restartCount, 1, 'the count never goes back');
});

test('reasons of ends', () => {
  const reasonOf = (parts: Parameters<typeof instance>[0]) =>
    stateOf({ pod: policy('Never'), ...inSandbox(instance(parts)) }).state.terminated?.reason;
  assert.equal(reasonOf({ exitCode: 0 }), 'Completed');
  assert.equal(reasonOf({ exitCode: 1 }), 'Error');
  assert.equal(reasonOf({ exitCode: 137, oomKilled: true }), 'OOMKilled');
  assert.equal(reasonOf({ exitCode: 127, error: 'no such file' }), 'ContainerCannotRun');
});

test('reasons of waiting', () => {
  const waiting = (parts: ViewParts) => stateOf(parts).state.waiting;
  assert.deepEqual(waiting({}), { reason: 'ContainerCreating' });
  const retryAt = start + second;
  const failed = {
    state: 'failed' as const,
    reason: 'ErrImagePull',
    message: 'no such image',
    failedAt: start,
    retryAt,
  };
  assert.deepEqual(waiting({ facts: { image: () => failed } }), { reason: 'ErrImagePull', message: 'no such image' });
  const trouble = { reason: 'CreateContainerConfigError', message: 'secret "x" not found', retryAt };
  assert.deepEqual(waiting({ facts: { trouble: (what) => (what === 'main' ? trouble : undefined) } }), {
    reason: 'CreateContainerConfigError',
    message: 'secret "x" not found',
  });
  const inits = { spec: { initContainers: [container({ name: 'init' })] } };
  assert.deepEqual(waiting({ pod: inits, ...inSandbox(instance({ name: 'init' })) }), { reason: 'PodInitializing' });
  const crashed = instance({ exitCode: 1, restartCount: 6, backOff: 160 });
  assert.deepEqual(waiting({ ...inSandbox(crashed), now: start + second }), {
    reason: 'CrashLoopBackOff',
    message: 'back-off 2m40s restarting failed container=main pod=web_default(uid-web)',
  });
});

test('the termination message is in the state', () => {
  const facts = { terminationMessage: () => 'bye' };
  const { state } = stateOf({ pod: policy('Never'), ...inSandbox(instance({ exitCode: 0 })), facts });
  assert.equal(state.terminated?.message, 'bye');
});

test('conditions change their time only when they change', () => {
  const facts = { probe: () => ({ started: true, ready: false }) };
  const unready = statusOf({ ...inSandbox(instance()), facts });
  assert.equal(ready(unready).status, 'False');
  assert.equal(ready(unready).message, 'containers with unready status: [main]');
  const later = statusOf({ ...inSandbox(instance()), facts, known: unready, now: start + 5 * second });
  assert.deepEqual(later, unready);
  const now = statusOf({ ...inSandbox(instance()), known: unready, now: start + 7 * second });
  assert.equal(ready(now).status, 'True');
  assert.equal(ready(now).lastTransitionTime, '2015-05-01T00:00:07Z');
});

test("others' conditions stay, and a readiness gate is one of them", () => {
  const at = '2015-05-01T00:00:00Z';
  const gate = (status: 'True' | 'False') => ({ type: 'lb', status, lastProbeTime: at, lastTransitionTime: at });
  const pod = { spec: { readinessGates: [{ conditionType: 'lb' }] } };
  const closed = statusOf({ pod, ...inSandbox(instance()), known: { conditions: [gate('False')] } });
  assert.equal(ready(closed).reason, 'ReadinessGatesNotReady');
  assert.ok(closed.conditions!.some((c) => c.type === 'lb'));
  const open = statusOf({ pod, ...inSandbox(instance()), known: { conditions: [gate('True')] } });
  assert.equal(ready(open).status, 'True');
});

test('addresses: of the sandbox, of the host with hostNetwork, and kept when the pod has ended', () => {
  assert.equal(statusOf(inSandbox(instance())).podIP, '10.244.1.2');
  const hostNetwork = { spec: { hostNetwork: true } };
  assert.equal(statusOf({ pod: hostNetwork, ...inSandbox(instance()) }).podIP, '172.17.8.101');
  const ended = { phase: 'Succeeded' as const, podIP: '10.244.1.9' };
  assert.deepEqual(statusOf({ known: ended }).podIPs, [{ ip: '10.244.1.9' }]);
});

test('a phase that has ended never changes, nor does its reason', () => {
  const known = { phase: 'Failed' as const, reason: 'Evicted', message: 'low on memory' };
  const status = statusOf({ ...inSandbox(instance()), known });
  assert.deepEqual([status.phase, status.reason, status.message], ['Failed', 'Evicted', 'low on memory']);
});

test('a deleted pod ends as its containers did', () => {
  const deletion = { metadata: { deletionTimestamp: '2015-05-01T00:00:30Z', deletionGracePeriodSeconds: 30 } };
  const known = { phase: 'Running' as const };
  assert.equal(statusOf({ pod: deletion, known, ...inSandbox(instance()) }).phase, 'Running');
  assert.equal(statusOf({ pod: deletion, known, ...inSandbox(instance({ exitCode: 0 })) }).phase, 'Succeeded');
  assert.equal(statusOf({ pod: deletion, known, ...inSandbox(instance({ exitCode: 137 })) }).phase, 'Failed');
});
