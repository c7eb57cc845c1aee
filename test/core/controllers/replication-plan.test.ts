import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../src/core/api/kinds/index.ts';
import type { Stored } from '../../../src/core/api/object.ts';
import { planReplication, victimsFirst } from '../../../src/core/controllers/replication-plan.ts';
import { controller, pod } from '../../helpers/objects.ts';

const now = Date.UTC(2015, 4, 1, 1);
const owner = (uid: string) => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  name: 'web',
  uid,
  controller: true,
});
const readyAt = (time: string) => ({
  type: 'Ready',
  status: 'True' as const,
  lastProbeTime: time,
  lastTransitionTime: time,
});

interface Parts {
  labels?: Record<string, string>;
  owner?: string;
  going?: boolean;
  phase?: Pod['status']['phase'];
  node?: string;
  ready?: string;
  created?: string;
}
function web(name: string, parts: Parts = {}): Stored<Pod> {
  const { labels = { app: 'web' }, going, phase = 'Running', node, ready, created } = parts;
  return pod(name, {
    metadata: {
      labels,
      ...('owner' in parts ? { ownerReferences: [owner(parts.owner!)] } : { ownerReferences: [owner('uid-web')] }),
      ...(going && { deletionTimestamp: '2015-05-01T00:00:00Z' }),
      ...(created && { creationTimestamp: created }),
    },
    spec: node ? { nodeName: node } : {},
    status: { phase, ...(ready && { conditions: [readyAt(ready)] }) },
  });
}
const orphan = (name: string, labels = { app: 'web' }) => pod(name, { metadata: { labels } });
const counts = (replicas: number, ready = 0, available = ready, labeled = replicas) => ({
  replicas,
  fullyLabeledReplicas: labeled,
  readyReplicas: ready,
  availableReplicas: available,
  observedGeneration: 1,
});

interface Row {
  what: string;
  replicas: number;
  pods: Stored<Pod>[];
  /** What the status says already; the right thing unless given. */
  status?: ReturnType<typeof counts>;
  settled?: boolean;
  minReadySeconds?: number;
  going?: boolean;
  steps: string[];
  againAfterMs?: number;
}

const rows: Row[] = [
  { what: 'nothing to do', replicas: 1, pods: [web('a')], status: counts(1), steps: [] },
  { what: 'missing pods are created', replicas: 3, pods: [web('a')], status: counts(1), steps: ['createPods 2'] },
  { what: 'at most 500 at once', replicas: 1200, pods: [], status: counts(0), steps: ['createPods 500'] },
  {
    what: 'finished and deleted pods are replaced and left alone',
    replicas: 2,
    pods: [web('a', { phase: 'Failed' }), web('b', { phase: 'Succeeded' }), web('c', { going: true }), web('d')],
    status: counts(1),
    steps: ['createPods 1'],
  },
  {
    what: 'too many pods are deleted, the least useful first',
    replicas: 1,
    pods: [web('a', { node: 'n' }), web('b', { phase: 'Pending' }), web('c')],
    status: counts(3),
    steps: ['deletePods b,c'],
  },
  {
    what: 'nothing is ordered while the cache lags behind',
    replicas: 3,
    pods: [],
    status: counts(0),
    settled: false,
    steps: [],
  },
  {
    what: 'the status is kept meanwhile',
    replicas: 3,
    pods: [web('a', { ready: '2015-05-01T00:00:00Z' })],
    status: counts(0),
    settled: false,
    steps: ['updateStatus 1/1/1/1'],
  },
  {
    what: 'pods of another controller are its own',
    replicas: 1,
    pods: [web('a', { owner: 'uid-other' })],
    status: counts(0),
    steps: ['createPods 1'],
  },
  {
    what: 'pods without a controller are adopted and count at once',
    replicas: 1,
    pods: [orphan('a')],
    status: counts(1),
    steps: ['adoptPod a'],
  },
  {
    what: 'pods that no longer match are released and replaced',
    replicas: 1,
    pods: [web('a', { labels: { app: 'debug' } })],
    status: counts(0),
    steps: ['releasePod a', 'createPods 1'],
  },
  {
    what: 'pods that lack a label of the template are not fully labeled',
    replicas: 1,
    pods: [web('a', { labels: { app: 'web', extra: 'yes' } })],
    status: counts(0, 0, 0, 0),
    steps: ['updateStatus 1/1/0/0'],
  },
  {
    what: 'a ready pod becomes available when it has been ready long enough',
    replicas: 2,
    pods: [web('a', { ready: '2015-05-01T00:59:50Z' }), web('b', { ready: '2015-05-01T00:00:00Z' })],
    status: counts(2, 2, 1),
    minReadySeconds: 30,
    steps: [],
    againAfterMs: 20_000,
  },
  { what: 'one on its way out does nothing', replicas: 3, pods: [], status: counts(0), going: true, steps: [] },
];

for (const row of rows) {
  test(`replication plan: ${row.what}`, () => {
    const { replicas, pods, minReadySeconds = 0, settled = true, going } = row;
    const metadata = going ? { deletionTimestamp: '2015-05-01T00:00:00Z' } : {};
    const rc = controller('web', { replicas, minReadySeconds }, { metadata, status: row.status ?? counts(0) });
    const { steps, againAfterMs } = planReplication(rc, pods, settled, now);
    const words = steps.map((step) => {
      switch (step.type) {
        case 'createPods':
          return `createPods ${step.count}`;
        case 'deletePods':
          return `deletePods ${step.pods.map(({ metadata }) => metadata.name)}`;
        case 'updateStatus': {
          const { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas } = step.status;
          return `updateStatus ${replicas}/${fullyLabeledReplicas}/${readyReplicas}/${availableReplicas}`;
        }
        default:
          return `${step.type} ${step.pod.metadata.name}`;
      }
    });
    assert.deepEqual(words, row.steps);
    assert.equal(againAfterMs, row.againAfterMs);
    for (const { reason } of steps) assert.ok(reason);
  });
}

test('replication plan: a new generation is reported as observed', () => {
  const rc = controller('web', { replicas: 0 }, { metadata: { generation: 2 }, status: counts(0) });
  const [step] = planReplication(rc, [], true, now).steps;
  assert.equal(step?.type === 'updateStatus' && step.status.observedGeneration, 2);
});

test('replication plan: victims go by node, phase, readiness, youth and name', () => {
  const ready = '2015-05-01T00:00:00Z';
  const expected = [
    web('unassigned', { phase: 'Running', ready }),
    web('pending', { node: 'n', phase: 'Pending' }),
    web('unknown', { node: 'n', phase: 'Unknown' }),
    web('not-ready-young', { node: 'n', created: '2015-05-01T00:30:00Z' }),
    web('not-ready-old', { node: 'n' }),
    web('ready-young', { node: 'n', ready, created: '2015-05-01T00:30:00Z' }),
    web('ready-old-a', { node: 'n', ready }),
    web('ready-old-b', { node: 'n', ready }),
  ];
  const names = (pods: Stored<Pod>[]) => pods.map(({ metadata }) => metadata.name);
  assert.deepEqual(names([...expected].reverse().sort(victimsFirst)), names(expected));
});
