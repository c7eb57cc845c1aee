/** From a pod as it is wanted and as the machine has it to steps, row by row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planPod } from '../../../../src/core/kubelet/plan/plan.ts';
import type { PodStep } from '../../../../src/core/kubelet/plan/steps.ts';
import { container } from '../../../helpers/objects.ts';
import { aView, instance, policy, readyFacts, sandbox, second, start, type ViewParts } from './views.ts';

/** A step in a word or two; statuses have tests of their own. */
function brief(step: PodStep): string {
  switch (step.type) {
    case 'startContainer':
      return `start ${step.container} #${step.restartCount} back-off ${step.backOffSeconds}`;
    case 'stopContainer':
      return `stop ${step.id} in ${step.graceSeconds}${step.restart ? ' to restart' : ''}`;
    case 'getImage':
      return `image of ${step.container}`;
    case 'removeContainer':
    case 'removeSandbox':
    case 'stopSandbox':
      return `${step.type} ${step.id}`;
    default:
      return step.type;
  }
}

const deleted = (secondsLeft: number, grace = 30) => ({
  metadata: {
    deletionTimestamp: new Date(start + secondsLeft * second).toISOString(),
    deletionGracePeriodSeconds: grace,
  },
});
const twoMains = { containers: [container({ name: 'a' }), container({ name: 'b' })] };
const failed = (retryAt: number) => ({
  state: 'failed' as const,
  failedAt: start,
  reason: 'ErrImagePull',
  message: 'no',
  retryAt,
});
const trouble = (what: string, retryAt: number) => (asked: string) =>
  asked === what ? { reason: 'CreateContainerConfigError', message: 'secret "x" not found', retryAt } : undefined;

const rows: { name: string; view: ViewParts; steps: string[]; again?: number }[] = [
  {
    name: 'nothing is there: image, volumes and sandbox at the same time',
    view: { facts: { image: () => ({ state: 'unknown' }), volumesReady: false } },
    steps: ['image of main', 'setUpVolumes', 'runSandbox'],
  },
  {
    name: 'the sandbox is there, the image on its way: wait for it',
    view: { sandboxes: [sandbox()], facts: { image: () => ({ state: 'pulling' }) } },
    steps: [],
  },
  { name: 'all is there: start', view: { sandboxes: [sandbox()] }, steps: ['start main #0 back-off 0'] },
  {
    name: 'a pull that failed is tried again when its wait is over, not before',
    view: { sandboxes: [sandbox()], facts: { image: () => failed(start + 10 * second) } },
    steps: [],
    again: 2_000,
  },
  {
    name: '… and then',
    view: { sandboxes: [sandbox()], facts: { image: () => failed(start) }, now: start + 10 * second },
    steps: ['image of main'],
  },
  {
    name: 'a sandbox that could not be made is tried again later',
    view: { facts: { trouble: trouble('sandbox', start + 3 * second) } },
    steps: [],
    again: 3_000,
  },
  {
    name: 'a container that could not be made does not hold up the others',
    view: {
      pod: { spec: twoMains },
      sandboxes: [sandbox()],
      facts: { trouble: trouble('a', start + 1 * second) },
    },
    steps: ['start b #0 back-off 0'],
    again: 1_000,
  },
  { name: 'it runs: keep', view: { sandboxes: [sandbox()], containers: [instance()] }, steps: [] },
  {
    name: 'ended, Always: start',
    view: { pod: policy('Always'), sandboxes: [sandbox()], containers: [instance({ exitCode: 0 })] },
    steps: ['start main #1 back-off 10'],
  },
  {
    name: 'ended, Always, within its back-off: wait',
    view: {
      pod: policy('Always'),
      sandboxes: [sandbox()],
      containers: [instance({ exitCode: 1, restartCount: 2, backOff: 20 })],
      now: start + 5 * second,
    },
    steps: [],
    again: 15_000,
  },
  {
    name: 'ended, Always, back-off over: start, and twice the wait the next time',
    view: {
      pod: policy('Always'),
      sandboxes: [sandbox()],
      containers: [instance({ exitCode: 1, restartCount: 2, backOff: 20 })],
      now: start + 20 * second,
    },
    steps: ['start main #3 back-off 40'],
  },
  {
    name: 'the wait never exceeds five minutes',
    view: {
      sandboxes: [sandbox()],
      containers: [instance({ exitCode: 1, restartCount: 9, backOff: 300 })],
      now: start + 300 * second,
    },
    steps: ['start main #10 back-off 300'],
  },
  {
    name: 'ended with 1, OnFailure: start',
    view: { pod: policy('OnFailure'), sandboxes: [sandbox()], containers: [instance({ exitCode: 1 })] },
    steps: ['start main #1 back-off 10'],
  },
  {
    name: 'ended with 0, OnFailure: leave; the sandbox ends when the API knows',
    view: { pod: policy('OnFailure'), sandboxes: [sandbox()], containers: [instance({ exitCode: 0 })] },
    steps: [],
  },
  {
    name: '… which it does now',
    view: {
      pod: policy('OnFailure'),
      known: { phase: 'Succeeded' },
      sandboxes: [sandbox()],
      containers: [instance({ exitCode: 0 })],
    },
    steps: ['stopSandbox s1'],
  },
  {
    name: 'ended with 1, Never: leave',
    view: { pod: policy('Never'), sandboxes: [sandbox()], containers: [instance({ exitCode: 1 })] },
    steps: [],
  },
  {
    name: 'the spec has changed: stop',
    view: { sandboxes: [sandbox()], containers: [instance({ specHash: 'old' })] },
    steps: ['stop c1 in 30'],
  },
  {
    name: '… and start, even under Never and without a back-off',
    view: {
      pod: policy('Never'),
      sandboxes: [sandbox()],
      containers: [instance({ specHash: 'old', exitCode: 143, backOff: 160 })],
    },
    steps: ['start main #1 back-off 0'],
  },
  {
    name: 'the liveness probe gave up: stop with its own grace',
    view: {
      sandboxes: [sandbox()],
      containers: [instance()],
      facts: {
        probe: () => ({ started: true, ready: true, failed: { message: 'failed liveness probe', graceSeconds: 3 } }),
      },
    },
    steps: ['stop c1 in 3 to restart'],
  },
  {
    name: 'a stop is under way: no second one',
    view: {
      sandboxes: [sandbox()],
      containers: [instance({ specHash: 'old' })],
      facts: { stoppingUntil: () => start + 30 * second },
    },
    steps: [],
  },
  {
    name: 'stopped to restart, ended with 0, OnFailure: start',
    view: {
      pod: policy('OnFailure'),
      sandboxes: [sandbox()],
      containers: [instance({ exitCode: 0 })],
      facts: { mustRestart: () => true },
    },
    steps: ['start main #1 back-off 10'],
  },
  {
    name: 'stopped to restart, Never: leave',
    view: {
      pod: policy('Never'),
      sandboxes: [sandbox()],
      containers: [instance({ exitCode: 143 })],
      facts: { mustRestart: () => true },
    },
    steps: [],
  },
  {
    name: 'the sandbox died, a container runs on: it is stopped first',
    view: { sandboxes: [sandbox('s1', 'exited')], containers: [instance()] },
    steps: ['stop c1 in 30'],
  },
  {
    name: '… then comes a new sandbox beside the old one, which remembers the restarts',
    view: { sandboxes: [sandbox('s1', 'exited')], containers: [instance({ exitCode: 137, restartCount: 4 })] },
    steps: ['runSandbox'],
  },
  {
    name: '… then the container',
    view: {
      sandboxes: [sandbox('s2'), sandbox('s1', 'exited')],
      containers: [instance({ exitCode: 137, restartCount: 4 })],
    },
    steps: ['start main #5 back-off 10'],
  },
  {
    name: '… and the old one goes',
    view: {
      sandboxes: [sandbox('s2'), sandbox('s1', 'exited')],
      containers: [
        instance({ exitCode: 137, restartCount: 4 }),
        instance({ id: 'c2', sandbox: 's2', restartCount: 5 }),
      ],
    },
    steps: ['removeSandbox s1'],
  },
  {
    name: 'a second sandbox that somehow runs beside it goes; the one with the container stays, though it is older',
    view: { sandboxes: [sandbox('s2'), sandbox('s1')], containers: [instance({ sandbox: 's1' })] },
    steps: ['removeSandbox s2'],
  },
  {
    name: 'the sandbox died after everything had ended for good: no new one',
    view: { pod: policy('Never'), sandboxes: [sandbox('s1', 'exited')], containers: [instance({ exitCode: 0 })] },
    steps: [],
  },
  {
    name: 'of two containers that ended OnFailure only the failed one starts anew',
    view: {
      pod: policy('OnFailure', twoMains),
      sandboxes: [sandbox()],
      containers: [instance({ id: 'a1', name: 'a', exitCode: 0 }), instance({ id: 'b1', name: 'b', exitCode: 1 })],
    },
    steps: ['start b #1 back-off 10'],
  },
  {
    name: 'instances that nobody looks at any more, and ones that never ran, are removed',
    view: {
      sandboxes: [sandbox()],
      containers: [
        instance({ id: 'c1', exitCode: 1, restartCount: 0 }),
        instance({ id: 'c2', exitCode: 1, restartCount: 1 }),
        instance({ id: 'c3', state: 'created', restartCount: 2, backOff: 20 }),
        instance({ id: 'x1', name: 'not-in-the-spec' }),
      ],
    },
    steps: ['removeContainer c1', 'removeContainer c3', 'removeContainer x1', 'start main #2 back-off 20'],
  },
  {
    name: 'the API says it ran and the machine has nothing: it ended unseen',
    view: {
      pod: policy('Always'),
      known: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'main',
            state: { running: { startedAt: '2015-05-01T00:00:00Z' } },
            lastState: {},
            ready: true,
            restartCount: 3,
            image: 'test',
            imageID: '',
            containerID: 'docker://c0',
          },
        ],
      },
      sandboxes: [sandbox()],
    },
    steps: ['start main #4 back-off 10'],
  },
  {
    name: 'a refused pod is never started',
    view: { facts: { rejection: { reason: 'HostPortConflict', message: 'no' } } },
    steps: [],
  },
  {
    name: 'the deadline has passed: stop',
    view: {
      pod: { spec: { activeDeadlineSeconds: 60 } },
      known: { phase: 'Running', startTime: '2015-05-01T00:00:00Z' },
      sandboxes: [sandbox()],
      containers: [instance()],
      now: start + 60 * second,
    },
    steps: ['stop c1 in 30'],
  },
  {
    name: 'the deadline is ahead: look again then',
    view: {
      pod: { spec: { activeDeadlineSeconds: 60 } },
      known: { phase: 'Running', startTime: '2015-05-01T00:00:00Z' },
      sandboxes: [sandbox()],
      containers: [instance()],
      now: start + 20 * second,
    },
    steps: [],
    again: 40_000,
  },
  {
    name: 'files from the API are old: bring them up to date',
    view: { sandboxes: [sandbox()], containers: [instance()], facts: { filesStale: true } },
    steps: ['setUpVolumes'],
  },
  {
    name: 'deleted: stop within the grace',
    view: { pod: deleted(30), sandboxes: [sandbox()], containers: [instance()] },
    steps: ['stop c1 in 30'],
  },
  {
    name: 'deleted a while ago: stop within what is left of it',
    view: {
      pod: deleted(30),
      sandboxes: [sandbox()],
      containers: [instance()],
      facts: { deletionSeenAt: start },
      now: start + 22 * second,
    },
    steps: ['stop c1 in 8'],
  },
  {
    name: "deleted by a server whose clock is an hour behind: the grace is counted by the machine's own",
    view: {
      pod: deleted(-3_570),
      sandboxes: [sandbox()],
      containers: [instance()],
      facts: { deletionSeenAt: start },
      now: start + second,
    },
    steps: ['stop c1 in 29'],
  },
  {
    name: 'deleted again with less grace: stop sooner',
    view: {
      pod: deleted(2, 2),
      sandboxes: [sandbox()],
      containers: [instance()],
      facts: { stoppingUntil: () => start + 30 * second },
    },
    steps: ['stop c1 in 2'],
  },
  {
    name: 'deleted, and all has ended: nothing stays, and the API hears of it last',
    view: {
      pod: deleted(30),
      sandboxes: [sandbox()],
      containers: [instance({ exitCode: 0 })],
      facts: { volumesOnDisk: true },
    },
    steps: ['removeSandbox s1', 'removeVolumes', 'finishDeletion'],
  },
  {
    name: 'deleted, finished here, and held by a finalizer of others: wait',
    view: { pod: deleted(0, 0) },
    steps: [],
  },
  {
    name: 'gone from the API and running: stop',
    view: { pod: null, sandboxes: [sandbox()], containers: [instance()] },
    steps: ['stop c1 in 10'],
  },
  {
    name: 'gone from the API and ended: remove',
    view: {
      pod: null,
      sandboxes: [sandbox()],
      containers: [instance({ exitCode: 0 })],
      facts: { volumesOnDisk: true },
    },
    steps: ['removeSandbox s1', 'removeVolumes'],
  },
  {
    name: 'containers without a sandbox go one by one',
    view: { pod: null, containers: [instance({ exitCode: 0 })] },
    steps: ['removeContainer c1'],
  },
];

for (const { name, view, steps, again } of rows) {
  test(name, () => {
    const plan = planPod(aView(view), 'docker');
    const deeds = plan.steps.filter((step) => step.type !== 'writeStatus').map(brief);
    assert.deepEqual(deeds, steps);
    assert.equal(plan.againAfterMs, again);
  });
}

test('a status that the API holds already is not written again', () => {
  const parts = { sandboxes: [sandbox()], containers: [instance()] };
  const [first] = planPod(aView(parts), 'docker').steps;
  assert.equal(first?.type, 'writeStatus');
  const known = first?.type === 'writeStatus' ? first.status : {};
  assert.deepEqual(planPod(aView({ ...parts, known, now: start + 60 * second }), 'docker').steps, []);
});

test('every plan stays within what the facts allow: no step for a pod whose facts are all pending', () => {
  const facts = {
    ...readyFacts,
    image: () => ({ state: 'pulling' as const }),
    trouble: () => ({ reason: 'x', message: 'x', retryAt: start + second }),
    volumesReady: false,
  };
  const { steps, againAfterMs } = planPod(aView({ facts }), 'docker');
  assert.deepEqual(
    steps.map((s) => s.type),
    ['writeStatus'],
  );
  assert.equal(againAfterMs, second);
});
