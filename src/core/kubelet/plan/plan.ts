/**
 * From a pod as it is wanted and as the machine has it to the steps that bring the two together. Pure: the same view
 * gives the same steps, and a step that did its work is not asked for again.
 */
import { sameValue } from '../../api/equal.ts';
import { isFinished } from '../../api/states.ts';
import type { Plan } from '../../reconcile/controller.ts';
import type { RuntimeContainer } from '../../runtime/runtime.ts';
import { type ContainerPlan, type Decisions, deadlineOf, decide } from './decide.ts';
import { runningSandbox, sandboxOf } from './instances.ts';
import { podStatus } from './status.ts';
import type { PodStep } from './steps.ts';
import { errorShownMs, type PodView } from './view.ts';

/** Kubernetes' default for pods; also what containers get whose pod says nothing. */
const defaultGraceSeconds = 30;

export function planPod(view: PodView, engine: string): Plan<PodStep> {
  if (!view.pod) return { steps: planOrphan(view) };
  if (view.pod.metadata.deletionTimestamp) return planDeletion(view, engine);
  return planLife(view, engine);
}

/** Nobody wants it: containers end with grace, then nothing of it is left. */
function planOrphan(view: PodView): PodStep[] {
  const { runtime, facts } = view;
  const reason = 'the pod is gone from the API';
  const running = runtime?.containers.filter((c) => c.state === 'running') ?? [];
  if (running.length > 0) {
    return running.flatMap((c) => stopStep(view, c, { reason, graceSeconds: facts.orphanGraceSeconds }));
  }
  return removalSteps(view, reason);
}

function planDeletion(view: PodView, engine: string): Plan<PodStep> {
  const reason = 'the pod is being deleted';
  const ended = decide(view);
  const status = statusStep(view, ended, engine);
  const running = ended.all.filter((c) => c.newest?.state === 'running');
  if (running.length === 0) {
    const finish: PodStep[] =
      view.pod!.metadata.deletionGracePeriodSeconds === 0 ? [] : [{ type: 'finishDeletion', reason }];
    return { steps: [...status, ...removalSteps(view, reason), ...finish] };
  }
  const graceSeconds = remainingGrace(view);
  const stops = nextToStop(running).flatMap((c) => stopStep(view, c.newest!, { reason, graceSeconds }));
  return { steps: [...stops, ...status] };
}

/** Main containers together, then the sidecars one by one, the last started first. */
function nextToStop(running: readonly ContainerPlan[]): readonly ContainerPlan[] {
  const others = running.filter((c) => c.role !== 'sidecar');
  return others.length > 0 ? others : running.slice(-1);
}

/** What comes later in the deletion, such as sidecars, has what is left of the grace. One that was restarted gives all. */
function remainingGrace({ pod, facts, now }: PodView): number {
  const { deletionGracePeriodSeconds: grace = defaultGraceSeconds } = pod!.metadata;
  const left = Math.ceil(((facts.deletionSeenAt ?? now) + grace * 1000 - now) / 1000);
  return Math.min(grace, Math.max(1, left));
}

function planLife(view: PodView, engine: string): Plan<PodStep> {
  const decisions = decide(view);
  const sandbox = runningSandbox(view.runtime);
  const stops = decisions.all.filter((c) => c.next.do === 'stop');
  const starts = decisions.all.filter((c) => c.next.do === 'start');
  const waits = decisions.all.filter((c) => c.next.do === 'wait');
  const over = stops.length + starts.length + waits.length === 0 && !decisions.all.some((c) => c.next.do === 'keep');
  const steps = [
    ...statusStep(view, decisions, engine),
    ...stopSteps(view, stops),
    ...garbage(view, decisions),
    ...(over ? [] : preparation(view, starts)),
    ...(over ? endSandbox(view) : []),
    ...(sandbox || over ? [] : newSandbox(view)),
    ...(sandbox ? [...containerStarts(view, starts), ...oldSandboxes(view, decisions, sandbox.id)] : []),
  ];
  return again(steps, nextTime(view, decisions));
}

function statusStep(view: PodView, decisions: Decisions, engine: string): PodStep[] {
  const status = podStatus(view, decisions, engine);
  if (sameValue(status, view.known)) return [];
  const summary = status.containerStatuses?.map((s) => `${s.name} ${Object.keys(s.state)[0] ?? 'unknown'}`) ?? [];
  return [{ type: 'writeStatus', status, reason: [status.phase, ...summary].join(', ') }];
}

function stopSteps(view: PodView, stops: readonly ContainerPlan[]): PodStep[] {
  const grace = view.pod!.spec.terminationGracePeriodSeconds ?? defaultGraceSeconds;
  return stops.flatMap(({ newest, next }) => {
    if (next.do !== 'stop') return [];
    return stopStep(view, newest!, { graceSeconds: grace, ...next });
  });
}

/** Nothing when a stop is under way that ends no later. */
function stopStep(
  { facts, now }: PodView,
  { id, name }: RuntimeContainer,
  { reason, graceSeconds, restart = false }: { reason: string; graceSeconds: number; restart?: boolean },
): PodStep[] {
  const until = facts.stoppingUntil(id);
  if (until !== undefined && until <= now + graceSeconds * 1000) return [];
  return [{ type: 'stopContainer', id, container: name, graceSeconds, restart, reason }];
}

/** Of each container the newest instance and the one before are kept; created ones that never ran are not. */
function garbage({ runtime }: PodView, decisions: Decisions): PodStep[] {
  const wanted = new Set(decisions.all.map((c) => c.spec.name));
  const old = decisions.all.flatMap((c) => c.older);
  const unfinished = decisions.all.flatMap((c) => (c.newest?.state === 'created' ? [c.newest] : []));
  const unknown = runtime?.containers.filter((c) => !wanted.has(c.name)) ?? [];
  return [...old, ...unfinished, ...unknown].map((c) => ({
    type: 'removeContainer' as const,
    id: c.id,
    reason: wanted.has(c.name) ? `${c.name} has newer instances` : `${c.name} is not in the spec`,
  }));
}

/** Images and volumes are got ready while the sandbox is made. */
function preparation(view: PodView, starts: readonly ContainerPlan[]): PodStep[] {
  const { facts, now } = view;
  const steps: PodStep[] = [];
  for (const { spec, next } of starts) {
    if (next.do !== 'start') continue;
    const image = facts.image(spec.name, next.restartCount);
    const due = image.state === 'unknown' || (image.state === 'failed' && image.retryAt <= now);
    const { restartCount, reason } = next;
    if (due)
      steps.push({ type: 'getImage', container: spec.name, restartCount, reason: `for ${spec.name}: ${reason}` });
  }
  if (!mayTry(view, 'volumes')) return steps;
  if (starts.length > 0 && !facts.volumesReady) {
    steps.push({ type: 'setUpVolumes', reason: 'containers are about to start' });
  } else if (facts.filesStale) {
    steps.push({ type: 'setUpVolumes', reason: 'files from the API may have changed' });
  }
  return steps;
}

const mayTry = ({ facts, now }: PodView, what: string) => (facts.trouble(what)?.retryAt ?? 0) <= now;

function newSandbox(view: PodView): PodStep[] {
  // Containers of a sandbox that died still hold its network; the new one comes after them.
  if (view.runtime?.containers.some((c) => c.state === 'running')) return [];
  if (!mayTry(view, 'sandbox')) return [];
  const before = view.runtime?.sandboxes.length ?? 0;
  return [{ type: 'runSandbox', reason: before > 0 ? 'the old one has ended' : 'the pod has none' }];
}

function containerStarts(view: PodView, starts: readonly ContainerPlan[]): PodStep[] {
  if (!view.facts.volumesReady) return [];
  return starts.flatMap(({ spec, next }): PodStep[] => {
    if (next.do !== 'start' || !mayTry(view, spec.name)) return [];
    if (view.facts.image(spec.name, next.restartCount).state !== 'present') return [];
    const { restartCount, backOffSeconds, reason } = next;
    return [{ type: 'startContainer', container: spec.name, restartCount, backOffSeconds, reason }];
  });
}

/** Kept until all of their containers have run anew: till then they are the pod's only memory of restarts and logs. */
function oldSandboxes({ runtime }: PodView, decisions: Decisions, current: string): PodStep[] {
  const old = runtime?.sandboxes.filter((s) => s.id !== current) ?? [];
  const replaced = decisions.all.every((c) => !c.newest || sandboxOf(c.newest) === current);
  if (!replaced) return [];
  return old.map(({ id }) => ({ type: 'removeSandbox', id, reason: 'a newer sandbox has taken over' }));
}

/** The pod has ended; its sandbox goes once the API knows, its containers stay for their logs. */
function endSandbox(view: PodView): PodStep[] {
  const sandbox = runningSandbox(view.runtime);
  return sandbox && isFinished({ status: view.known })
    ? [{ type: 'stopSandbox', id: sandbox.id, reason: 'all its containers have ended' }]
    : [];
}

function removalSteps({ runtime, facts }: PodView, reason: string): PodStep[] {
  const sandboxes = runtime?.sandboxes ?? [];
  // Removing a sandbox removes its containers; without one they go one by one.
  const containers = sandboxes.length === 0 ? (runtime?.containers ?? []) : [];
  return [
    ...sandboxes.map(({ id }) => ({ type: 'removeSandbox' as const, id, reason })),
    ...containers.map(({ id }) => ({ type: 'removeContainer' as const, id, reason })),
    ...(facts.volumesOnDisk ? [{ type: 'removeVolumes' as const, reason }] : []),
  ];
}

/** The earliest moment at which the passing of time alone changes the plan. */
function nextTime(view: PodView, { all, ending }: Decisions): number | undefined {
  const { facts, known, pod } = view;
  const times = ['sandbox', 'volumes'].map((what) => facts.trouble(what)?.retryAt);
  if (!ending) times.push(deadlineOf(pod!.spec.activeDeadlineSeconds, known.startTime));
  for (const { next, spec } of all) {
    if (next.do === 'wait') times.push(next.until);
    if (next.do !== 'start') continue;
    const image = facts.image(spec.name, next.restartCount);
    if (image.state === 'failed') times.push(image.retryAt, image.failedAt + errorShownMs);
    times.push(facts.trouble(spec.name)?.retryAt);
  }
  const ahead = times.filter((t): t is number => t !== undefined && t > view.now);
  return ahead.length > 0 ? Math.min(...ahead) - view.now : undefined;
}

function again(steps: PodStep[], againAfterMs: number | undefined): Plan<PodStep> {
  return againAfterMs === undefined ? { steps } : { steps, againAfterMs };
}
