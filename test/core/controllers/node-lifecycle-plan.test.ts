import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../src/core/api/kinds/index.ts';
import type { Stored } from '../../../src/core/api/object.ts';
import {
  defaultHealth,
  evictionsAreHeld,
  type NodeStep,
  type Observed,
  planNode,
} from '../../../src/core/controllers/node-lifecycle-plan.ts';
import { type NodeParts, node, pod } from '../../helpers/objects.ts';

const now = 1_000_000;
const at = '2015-05-01T00:00:00Z';
const running = (name: string, going = false) =>
  pod(name, {
    metadata: going ? { deletionTimestamp: at } : {},
    spec: { nodeName: 'core-01' },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastProbeTime: at, lastTransitionTime: at }],
    },
  });

interface Row {
  what: string;
  node: NodeParts;
  /** Milliseconds ago. */
  heartbeat?: number;
  readiness?: number;
  announced?: Observed['announced'];
  pods?: Stored<Pod>[];
  held?: boolean;
  evictionDelayMs?: number;
  steps: string[];
  againAfterMs?: number;
}
const up: NodeParts = { ready: 'True', status: { phase: 'Running' } };
const silent: NodeParts = { ready: 'Unknown', status: { phase: 'Running' } };
const notReady: NodeParts = { ready: 'False', status: { phase: 'Running' } };
const halted: NodeParts = { ready: 'False', status: { phase: 'Terminated' } };

const rows: Row[] = [
  {
    what: 'a node that reports is looked at when its grace ends',
    node: up,
    heartbeat: 10_000,
    steps: [],
    againAfterMs: 30_000,
  },
  {
    what: 'a node that falls silent becomes Unknown, and its pods not ready before it',
    node: up,
    heartbeat: 40_000,
    pods: [running('a')],
    steps: ['markPodsNotReady a', 'markUnknown NodeStatusUnknown: Kubelet stopped posting node status.'],
  },
  {
    what: 'a new node gets longer',
    node: { ready: '' },
    heartbeat: 50_000,
    steps: [],
    againAfterMs: 10_000,
  },
  {
    what: 'a node that never reported becomes Unknown too',
    node: { ready: '', status: { phase: 'Pending' } },
    heartbeat: 60_000,
    steps: ['markUnknown NodeStatusNeverUpdated: Kubelet never posted node status.'],
  },
  {
    what: 'the first good report makes it running and is told',
    node: { ready: 'True', status: { phase: 'Pending' } },
    announced: undefined,
    steps: ['announce True', 'setPhase Running'],
    againAfterMs: 40_000,
  },
  { what: 'a change of readiness is told', node: silent, announced: 'True', steps: ['announce Unknown'] },
  {
    what: 'a silent node keeps its pods for a while',
    node: silent,
    readiness: 100_000,
    pods: [running('a')],
    steps: [],
    againAfterMs: 200_000,
  },
  {
    what: 'then they are deleted at once, those that are on their way out too',
    node: silent,
    readiness: 300_000,
    pods: [running('a'), running('b', true)],
    steps: ['evict a,b grace 0'],
  },
  {
    what: 'not while most nodes look dead',
    node: silent,
    readiness: 300_000,
    pods: [running('a')],
    held: true,
    steps: [],
    againAfterMs: 40_000,
  },
  {
    what: 'not faster than the rate',
    node: silent,
    readiness: 300_000,
    pods: [running('a')],
    evictionDelayMs: 7_000,
    steps: [],
    againAfterMs: 7_000,
  },
  {
    what: 'a kubelet that reports not ready ends its pods itself, each once',
    node: notReady,
    readiness: 300_000,
    pods: [running('a'), running('b', true)],
    steps: ['evict a'],
    againAfterMs: 40_000,
  },
  {
    what: 'a halted machine loses its pods at once, whatever else is dead, and is not watched for heartbeats',
    node: halted,
    heartbeat: 90_000,
    readiness: 0,
    pods: [running('a')],
    held: true,
    evictionDelayMs: 7_000,
    steps: ['evict a grace 0'],
  },
  {
    what: 'a node that is being removed is terminated and gives its pods up, which its kubelet ends',
    node: { ...up, metadata: { deletionTimestamp: at } },
    pods: [running('a'), running('b', true)],
    steps: ['setPhase Terminated', 'evict a'],
    againAfterMs: 40_000,
  },
  {
    what: 'a halted machine that is back is running',
    node: { ready: 'True', status: { phase: 'Terminated' } },
    pods: [running('a')],
    steps: ['setPhase Running'],
    againAfterMs: 40_000,
  },
];

function words(step: NodeStep): string {
  const names = 'pods' in step ? step.pods.map(({ metadata }) => metadata.name).join() : '';
  switch (step.type) {
    case 'announce':
      return `announce ${step.readiness}`;
    case 'setPhase':
      return `setPhase ${step.phase}`;
    case 'markUnknown':
      return `markUnknown ${step.silence.reason}: ${step.silence.message}`;
    case 'markPodsNotReady':
      return `markPodsNotReady ${names}`;
    case 'evict':
      return `evict ${names}${step.gracePeriodSeconds === undefined ? '' : ` grace ${step.gracePeriodSeconds}`}`;
  }
}

for (const row of rows) {
  test(`node plan: ${row.what}`, () => {
    const { heartbeat = 0, readiness = 0, pods = [], held = false, evictionDelayMs = 0 } = row;
    const known = node('core-01', row.node);
    const readyStatus = known.status.conditions?.[0]?.status;
    const announced = 'announced' in row ? row.announced : readyStatus;
    const observed = { heartbeatAt: now - heartbeat, readinessSince: now - readiness, announced };
    const plan = planNode(known, observed, { pods, held, evictionDelayMs }, defaultHealth, now);
    assert.deepEqual(plan.steps.map(words), row.steps);
    assert.equal(plan.againAfterMs, row.againAfterMs);
  });
}

test('node plan: evictions are held when all nodes look dead, or more than two and more than 55 %', () => {
  const held = (up: number, dead: number, haltedNodes = 0) =>
    evictionsAreHeld([
      ...Array.from({ length: up }, (_, i) => node(`up-${i}`)),
      ...Array.from({ length: dead }, (_, i) => node(`dead-${i}`, silent)),
      ...Array.from({ length: haltedNodes }, (_, i) => node(`halted-${i}`, halted)),
    ]);
  assert.deepEqual(
    [held(2, 1), held(1, 2), held(0, 1), held(0, 3), held(2, 3), held(9, 11), held(10, 10), held(1, 1, 5)],
    [false, false, true, true, true, false, false, false],
  );
});
