/** What is to become of each container of a pod: the kubelet's computePodActions. Pure. */
import { isFinished } from '../../api/states.ts';
import type { Container } from '../../api/types/container.ts';
import type { ContainerStatus } from '../../api/types/container-status.ts';
import type { PodStatus } from '../../api/types/pod.ts';
import type { RuntimeContainer } from '../../runtime/runtime.ts';
import { annotation, instancesOf, restartCountOf, runningSandbox, sandboxOf } from './instances.ts';
import { backOffAfter, nextBackOff, type RestartPolicy, restarts, writtenBackOff } from './restart.ts';
import { specHash } from './spec-hash.ts';
import type { PodView } from './view.ts';

export type Next =
  /** Runs as it should. */
  | { do: 'keep' }
  | { do: 'start'; restartCount: number; backOffSeconds: number; reason: string }
  /** CrashLoopBackOff. */
  | { do: 'wait'; until: number; seconds: number }
  | { do: 'stop'; reason: string; restart: boolean; graceSeconds?: number }
  /** An init container has to come first. */
  | { do: 'blocked' }
  /** It ended, or never began, and will not run (again). */
  | { do: 'done' };

export interface ContainerPlan {
  readonly spec: Container;
  readonly role: 'init' | 'sidecar' | 'main';
  readonly newest?: RuntimeContainer | undefined;
  readonly previous?: RuntimeContainer | undefined;
  readonly older: readonly RuntimeContainer[];
  readonly next: Next;
}

/** The pod is to end, or has ended: nothing of it is started. */
export interface Ending {
  phase: NonNullable<PodStatus['phase']>;
  reason?: string;
  message?: string;
}

export interface Decisions {
  readonly inits: readonly ContainerPlan[];
  readonly mains: readonly ContainerPlan[];
  readonly all: readonly ContainerPlan[];
  /** The init containers of this sandbox have done their work. */
  readonly initialized: boolean;
  readonly ending?: Ending | undefined;
}

export function decide(view: PodView): Decisions {
  const { initContainers = [], containers } = view.pod!.spec;
  const ending = endingOf(view);
  if (ending) {
    const inits = initContainers.map((c) => endContainer(view, c, roleOf(c)));
    const mains = containers.map((c) => endContainer(view, c, 'main'));
    return { inits, mains, all: [...inits, ...mains], initialized: wasInitialized(view), ending };
  }
  const wanted = containers.map((c) => decideContainer(view, c, { role: 'main', policy: policyOf(view) }));
  const { inits, initialized, failed } = decideInits(view, initContainers, wanted);
  const mains = initialized ? wanted : wanted.map((c) => (failed ? { ...c, next: idle(c) } : blocked(c)));
  return { inits, mains, all: [...inits, ...mains], initialized };
}

const roleOf = (c: Container): 'init' | 'sidecar' => (c.restartPolicy === 'Always' ? 'sidecar' : 'init');
const policyOf = (view: PodView): RestartPolicy => view.pod!.spec.restartPolicy ?? 'Always';
const wants = ({ next }: ContainerPlan) => next.do !== 'done';
const idle = ({ newest }: ContainerPlan): Next =>
  newest?.state === 'running' ? { do: 'stop', reason: 'the pod has ended', restart: false } : { do: 'done' };
const blocked = (c: ContainerPlan): ContainerPlan =>
  c.next.do === 'start' || c.next.do === 'wait' ? { ...c, next: { do: 'blocked' } } : c;

function endingOf(view: PodView): Ending | undefined {
  const { pod, known, facts, now } = view;
  // These phases never change back.
  if (isFinished({ status: known })) return endedBefore(known);
  if (pod!.metadata.deletionTimestamp) return { phase: phaseOfDeleted(view) };
  if (facts.rejection) return { phase: 'Failed', ...facts.rejection };
  const deadline = deadlineOf(pod!.spec.activeDeadlineSeconds, known.startTime);
  return deadline === undefined || now < deadline ? undefined : deadlineExceeded;
}

const deadlineExceeded: Ending = {
  phase: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

const endedBefore = ({ phase, reason, message }: PodStatus): Ending => ({
  phase: phase ?? 'Pending',
  ...(reason && { reason }),
  ...(message && { message }),
});

/** Its containers are stopped whatever the restart policy says; the phase then tells whether they all ended well. */
function phaseOfDeleted({ pod, known, runtime }: PodView): Ending['phase'] {
  const mains = pod!.spec.containers.map((c) => instancesOf(runtime, c.name).newest);
  if (runtime?.containers.some((c) => c.state === 'running')) return known.phase ?? 'Pending';
  return mains.every((c) => c?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

export function deadlineOf(seconds: number | undefined, startTime: string | undefined): number | undefined {
  return seconds === undefined || !startTime ? undefined : Date.parse(startTime) + seconds * 1000;
}

function endContainer(view: PodView, spec: Container, role: ContainerPlan['role']): ContainerPlan {
  const plan = { spec, role, ...instancesOf(view.runtime, spec.name), next: { do: 'done' } as Next };
  return { ...plan, next: idle(plan) };
}

/** A pod that has ended is not initialised anew: what was true of it stays. */
const wasInitialized = (view: PodView) =>
  initializedBefore(view) || !!view.known.conditions?.some((c) => c.type === 'Initialized' && c.status === 'True');

/** A main container runs in the current sandbox, or did: the init containers are not run again for it. */
function initializedBefore({ pod, runtime }: PodView): boolean {
  const current = runningSandbox(runtime)?.id;
  const names = new Set(pod!.spec.containers.map((c) => c.name));
  return current !== undefined && !!runtime?.containers.some((c) => names.has(c.name) && sandboxOf(c) === current);
}

function decideInits(
  view: PodView,
  specs: readonly Container[],
  mains: readonly ContainerPlan[],
): { inits: ContainerPlan[]; initialized: boolean; failed: boolean } {
  // Nothing left to run: sidecars have served, and a pod that has ended does not initialise again.
  const over = !mains.some(wants);
  const before = initializedBefore(view);
  let open = true;
  let failed = false;
  const inits = specs.map((spec): ContainerPlan => {
    if (over) return endContainer(view, spec, roleOf(spec));
    if (roleOf(spec) === 'sidecar') {
      const plan = decideContainer(view, spec, { role: 'sidecar', policy: 'Always' });
      if (before) return plan;
      if (!open) return blocked(plan);
      open = plan.next.do === 'keep' && view.facts.probe(plan.newest!.id).started;
      return plan;
    }
    if (before) return endContainer(view, spec, 'init');
    const plan = decideInit(view, spec);
    if (!open) return blocked(plan);
    open = plan.next.do === 'done' && plan.newest?.exitCode === 0;
    failed ||= plan.next.do === 'done' && !open;
    return plan;
  });
  return { inits, initialized: over || before || open, failed };
}

/** Runs once in each sandbox, and until it succeeds unless the pod never restarts anything. */
function decideInit(view: PodView, spec: Container): ContainerPlan {
  const policy = policyOf(view) === 'Never' ? 'Never' : 'OnFailure';
  const plan = decideContainer(view, spec, { role: 'init', policy });
  const { newest } = plan;
  if (plan.next.do !== 'done' || newest?.exitCode !== 0) return plan;
  if (sandboxOf(newest) === runningSandbox(view.runtime)?.id) return plan;
  const restartCount = restartCountOf(newest) + 1;
  return { ...plan, next: { do: 'start', restartCount, backOffSeconds: 0, reason: 'the sandbox is new' } };
}

function decideContainer(
  view: PodView,
  spec: Container,
  { role, policy }: { role: ContainerPlan['role']; policy: RestartPolicy },
): ContainerPlan {
  const instances = instancesOf(view.runtime, spec.name);
  const newest = instances.newest ?? (role === 'init' ? undefined : vanished(view, spec));
  const plan = { spec, role, ...instances, newest };
  if (!newest) return { ...plan, next: { do: 'start', restartCount: 0, backOffSeconds: 0, reason: 'it never ran' } };
  if (newest.state === 'running') return { ...plan, next: decideRunning(view, spec, newest) };
  return { ...plan, next: decideEnded(view, spec, newest, policy) };
}

function decideRunning(view: PodView, spec: Container, newest: RuntimeContainer): Next {
  if (sandboxOf(newest) !== runningSandbox(view.runtime)?.id) {
    return { do: 'stop', reason: 'its sandbox is gone', restart: false };
  }
  if (newest.specHash !== specHash(spec)) {
    return { do: 'stop', reason: 'its spec has changed', restart: false };
  }
  const { failed } = view.facts.probe(newest.id);
  if (!failed) return { do: 'keep' };
  const grace = failed.graceSeconds === undefined ? {} : { graceSeconds: failed.graceSeconds };
  return { do: 'stop', reason: failed.message, restart: true, ...grace };
}

function decideEnded(view: PodView, spec: Container, newest: RuntimeContainer, policy: RestartPolicy): Next {
  const restartCount = restartCountOf(newest) + 1;
  // A crash between the engine's create and start: this instance has not run, so nothing is counted.
  if (newest.state === 'created') {
    const again = { restartCount: restartCount - 1, backOffSeconds: writtenBackOff(newest) };
    return { do: 'start', ...again, reason: 'it was created and never started' };
  }
  // A new spec is tried whatever became of the old one, and has no back-off (the kubelet's key for it holds the hash).
  if (newest.specHash !== specHash(spec)) {
    return { do: 'start', restartCount, backOffSeconds: 0, reason: 'its spec has changed' };
  }
  const exitCode = newest.exitCode ?? 0;
  const must = view.facts.mustRestart(newest) && policy !== 'Never';
  if (!must && !restarts(policy, exitCode)) return { do: 'done' };
  const seconds = backOffAfter(newest);
  const until = (newest.finishedAt ?? 0) + seconds * 1000;
  if (view.now < until) return { do: 'wait', until, seconds };
  return { do: 'start', restartCount, backOffSeconds: nextBackOff(seconds), reason: `it ended with ${exitCode}` };
}

/**
 * The API says that the container ran, the runtime knows nothing of it (somebody removed it): it ended, in a way nobody
 * saw. Kubernetes reports such a container as ContainerStatusUnknown with exit code 137.
 */
function vanished(view: PodView, spec: Container): RuntimeContainer | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = view.known;
  const status = [...containerStatuses, ...initContainerStatuses].find((s) => s.name === spec.name);
  const ended = status?.state.terminated ?? (status?.state.waiting && status.lastState.terminated);
  if (!status || !(ended || status.state.running)) return undefined;
  return {
    id: idOf(status),
    name: spec.name,
    specHash: specHash(spec),
    image: status.image,
    imageID: status.imageID,
    state: 'exited',
    createdAt: 0,
    ...(ended?.finishedAt && { startedAt: Date.parse(ended.startedAt), finishedAt: Date.parse(ended.finishedAt) }),
    exitCode: ended?.exitCode ?? 137,
    annotations: { [annotation.restartCount]: String(status.restartCount) },
  };
}

const idOf = (status: ContainerStatus) => status.containerID?.replace(/^\w+:\/\//, '') ?? '';
