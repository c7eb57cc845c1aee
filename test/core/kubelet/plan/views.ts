/** Views of pods for tests of plans: each names only what it is about. */
import type { Pod } from '../../../../src/core/api/kinds/index.ts';
import type { PodStatus } from '../../../../src/core/api/types/pod.ts';
import { annotation } from '../../../../src/core/kubelet/plan/instances.ts';
import { specHash } from '../../../../src/core/kubelet/plan/spec-hash.ts';
import type { PodFacts, PodView } from '../../../../src/core/kubelet/plan/view.ts';
import type { RuntimeContainer, RuntimePod } from '../../../../src/core/runtime/runtime.ts';
import { container, type PodParts, pod } from '../../../helpers/objects.ts';

export const start = Date.parse('2015-05-01T00:00:00Z');
export const second = 1_000;

export interface ViewParts {
  pod?: PodParts | null;
  /** What the API is known to hold; the pod's own status unless given. */
  known?: PodStatus;
  sandboxes?: RuntimePod['sandboxes'];
  containers?: RuntimeContainer[];
  facts?: Partial<PodFacts>;
  now?: number;
}

export function aView({ pod: parts = {}, known, sandboxes, containers, facts, now = start }: ViewParts): PodView {
  const wanted = parts === null ? undefined : pod('web', parts);
  const identity = { namespace: 'default', name: 'web', uid: 'uid-web' };
  return {
    uid: 'uid-web',
    pod: wanted,
    known: known ?? wanted?.status ?? {},
    runtime:
      sandboxes || containers ? { identity, sandboxes: sandboxes ?? [], containers: containers ?? [] } : undefined,
    facts: { ...readyFacts, ...facts },
    hostIP: '172.17.8.101',
    now,
  };
}

/** Images and volumes are there, nothing has failed. */
export const readyFacts: PodFacts = {
  image: () => ({ state: 'present', image: { id: 'image', user: '' } }),
  probe: () => ({ started: true, ready: true }),
  stoppingUntil: () => undefined,
  trouble: () => undefined,
  volumesReady: true,
  filesStale: false,
  volumesOnDisk: false,
  mustRestart: () => false,
  terminationMessage: () => undefined,
  orphanGraceSeconds: 10,
};

export const sandbox = (id = 's1', state: 'running' | 'exited' = 'running') => ({
  id,
  state,
  ...(state === 'running' && { ip: '10.244.1.2' }),
  createdAt: start,
  annotations: {},
});

export interface InstanceParts {
  id?: string;
  name?: string;
  state?: RuntimeContainer['state'];
  exitCode?: number;
  sandbox?: string;
  restartCount?: number;
  backOff?: number;
  specHash?: string;
  startedAt?: number;
  finishedAt?: number;
  error?: string;
  oomKilled?: boolean;
}

/** Runs in sandbox s1 since the start, or ended then. */
export function instance(parts: InstanceParts = {}): RuntimeContainer {
  const { id = 'c1', name = 'main', exitCode, state = exitCode === undefined ? 'running' : 'exited' } = parts;
  const { startedAt = start, finishedAt = start, error, oomKilled } = parts;
  return {
    id,
    name,
    specHash: parts.specHash ?? specHash(container({ name })),
    image: 'test',
    imageID: 'docker://sha256:1',
    state,
    createdAt: start,
    startedAt,
    ...(state === 'exited' && { finishedAt, exitCode: exitCode ?? 0, oomKilled: oomKilled ?? false }),
    ...(error !== undefined && { error }),
    annotations: {
      [annotation.restartCount]: String(parts.restartCount ?? 0),
      [annotation.backOffSeconds]: String(parts.backOff ?? 0),
      [annotation.sandbox]: parts.sandbox ?? 's1',
    },
  };
}

export const policy = (restartPolicy: 'Always' | 'OnFailure' | 'Never', more: Partial<Pod['spec']> = {}): PodParts => ({
  spec: { restartPolicy, ...more },
});
