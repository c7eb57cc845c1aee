import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../../src/core/api/kinds/index.ts';
import { podRow, restartsText } from '../../../../src/core/api/kinds/pod/row.ts';
import type { ContainerState, ContainerStatus } from '../../../../src/core/api/types/container-status.ts';
import { container, pod } from '../../../helpers/objects.ts';

const at = '2026-11-25T10:00:00Z';
const running: ContainerState = { running: { startedAt: at } };
const waiting = (reason?: string): ContainerState => ({ waiting: { reason } });
const ended = (exitCode: number, more: { reason?: string; signal?: number } = {}): ContainerState => ({
  terminated: { exitCode, startedAt: at, finishedAt: at, ...more },
});

function status(name: string, state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, state, lastState: {}, ready: false, restartCount: 0, image: 'i', imageID: '', ...more };
}
const ready = (name: string, more: Partial<ContainerStatus> = {}) => status(name, running, { ready: true, ...more });
const condition = (type: string, is: 'True' | 'False', reason?: string) => ({
  type,
  status: is,
  lastProbeTime: '',
  lastTransitionTime: at,
  reason,
});

interface Case {
  what: string;
  spec?: Partial<Pod['spec']>;
  status: Pod['status'];
  terminating?: boolean;
  shows: string;
}
const two = { containers: [container({ name: 'a' }), container({ name: 'b' })] };
const init = { initContainers: [container({ name: 'i1' }), container({ name: 'i2' })] };
const sidecar = { initContainers: [container({ name: 's', restartPolicy: 'Always' })] };

const cases: Case[] = [
  { what: 'just created', status: { phase: 'Pending' }, shows: '0/1 Pending 0' },
  { what: 'running', status: { phase: 'Running', containerStatuses: [ready('main')] }, shows: '1/1 Running 0' },
  {
    what: 'one of two containers waiting to restart',
    spec: two,
    status: {
      phase: 'Running',
      containerStatuses: [
        status('a', waiting('CrashLoopBackOff'), { restartCount: 3 }),
        ready('b', { restartCount: 1 }),
      ],
    },
    shows: '1/2 CrashLoopBackOff 4',
  },
  {
    what: 'the first container tells more than the last',
    spec: two,
    status: {
      phase: 'Pending',
      containerStatuses: [status('a', waiting('ErrImagePull')), status('b', waiting('Other'))],
    },
    shows: '0/2 ErrImagePull 0',
  },
  {
    what: 'completed',
    status: { phase: 'Succeeded', containerStatuses: [status('main', ended(0, { reason: 'Completed' }))] },
    shows: '0/1 Completed 0',
  },
  {
    what: 'failed without a reason',
    status: { phase: 'Failed', containerStatuses: [status('main', ended(137))] },
    shows: '0/1 ExitCode:137 0',
  },
  {
    what: 'killed by a signal',
    status: { phase: 'Failed', containerStatuses: [status('main', ended(0, { signal: 9 }))] },
    shows: '0/1 Signal:9 0',
  },
  {
    what: 'one container completed, the other runs on',
    spec: two,
    status: {
      phase: 'Running',
      conditions: [condition('Ready', 'True')],
      containerStatuses: [status('a', ended(0, { reason: 'Completed' })), ready('b')],
    },
    shows: '1/2 Running 0',
  },
  {
    what: 'one container completed, the other runs on, but the pod is not ready',
    spec: two,
    status: { phase: 'Running', containerStatuses: [status('a', ended(0, { reason: 'Completed' })), ready('b')] },
    shows: '1/2 NotReady 0',
  },
  {
    what: 'the second init container runs',
    spec: init,
    status: { phase: 'Pending', initContainerStatuses: [status('i1', ended(0)), status('i2', running)] },
    shows: '0/1 Init:1/2 0',
  },
  {
    what: 'an init container fails',
    spec: init,
    status: { phase: 'Pending', initContainerStatuses: [status('i1', ended(2), { restartCount: 5 })] },
    shows: '0/1 Init:ExitCode:2 5',
  },
  {
    what: 'an init container waits for its image',
    spec: init,
    status: { phase: 'Pending', initContainerStatuses: [status('i1', waiting('ImagePullBackOff'))] },
    shows: '0/1 Init:ImagePullBackOff 0',
  },
  {
    what: 'init containers done: their restarts no longer count',
    spec: init,
    status: {
      phase: 'Running',
      initContainerStatuses: [status('i1', ended(0), { restartCount: 2 }), status('i2', ended(0))],
      containerStatuses: [ready('main', { restartCount: 1 })],
    },
    shows: '1/1 Running 1',
  },
  {
    what: 'a sidecar counts as a container',
    spec: sidecar,
    status: {
      phase: 'Running',
      initContainerStatuses: [ready('s', { started: true, restartCount: 2 })],
      containerStatuses: [ready('main', { restartCount: 1 })],
    },
    shows: '2/2 Running 3',
  },
  {
    what: 'held back by a scheduling gate',
    status: { phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'SchedulingGated')] },
    shows: '0/1 SchedulingGated 0',
  },
  { what: 'evicted', status: { phase: 'Failed', reason: 'Evicted' }, shows: '0/1 Evicted 0' },
  {
    what: 'being deleted',
    terminating: true,
    status: { phase: 'Running', containerStatuses: [ready('main')] },
    shows: '1/1 Terminating 0',
  },
  { what: 'being deleted after its end', terminating: true, status: { phase: 'Succeeded' }, shows: '0/1 Succeeded 0' },
  {
    what: 'being deleted on a lost node',
    terminating: true,
    status: { phase: 'Running', reason: 'NodeLost' },
    shows: '0/1 Unknown 0',
  },
];

for (const { what, spec, status, terminating, shows } of cases) {
  test(`a pod ${what} shows ${shows}`, () => {
    const metadata = terminating ? { deletionTimestamp: at } : {};
    const row = podRow(pod('web', { metadata, ...(spec && { spec }), status }));
    assert.equal(`${row.ready}/${row.total} ${row.status} ${row.restarts}`, shows);
  });
}

test('restarts say when the last one was', () => {
  const lastState = ended(1);
  const containerStatuses = [ready('main', { restartCount: 2, lastState })];
  const row = podRow(pod('web', { status: { phase: 'Running', containerStatuses } }));
  assert.equal(restartsText(row, Date.parse(at) + 300_000), '2 (5m ago)');
});
