/** What the API is told of one container: its state, the one before, restarts, readiness. Pure. */
import { formatGoDuration } from '../../api/duration.ts';
import { timestamp } from '../../api/time.ts';
import type { ContainerState, ContainerStateTerminated, ContainerStatus } from '../../api/types/container-status.ts';
import type { RuntimeContainer } from '../../runtime/runtime.ts';
import type { ContainerPlan } from './decide.ts';
import { restartCountOf } from './instances.ts';
import type { PodView } from './view.ts';

export interface StatusContext {
  view: PodView;
  /** `docker`, the scheme of container ids. */
  engine: string;
  hasInits: boolean;
}

/** Undefined for a container that never ran and never will: a pod that was not let in has none. */
export function containerStatus(context: StatusContext, plan: ContainerPlan): ContainerStatus | undefined {
  const { view, engine } = context;
  const { newest, spec } = plan;
  const known = knownOf(view, plan);
  if (!newest && plan.next.do === 'done') return known;

  const state = stateOf(context, plan);
  const shown = state.waiting && newest ? newest : plan.previous;
  const lastState = shown ? { terminated: terminated(context, shown) } : (known?.lastState ?? {});
  const probe = newest && view.facts.probe(newest.id);
  const started = !!state.running && !!probe?.started;
  const ready = plan.role === 'init' ? state.terminated?.exitCode === 0 : started && !!probe?.ready;
  return {
    name: spec.name,
    state,
    lastState,
    ready,
    // Never less than was reported: instances may be removed by hand.
    restartCount: Math.max(newest ? restartCountOf(newest) : 0, known?.restartCount ?? 0),
    image: newest?.image || (spec.image ?? ''),
    imageID: newest?.imageID ?? '',
    ...(newest && { containerID: `${engine}://${newest.id}` }),
    started,
  };
}

function knownOf({ known }: PodView, { role, spec }: ContainerPlan): ContainerStatus | undefined {
  const statuses = role === 'main' ? known.containerStatuses : known.initContainerStatuses;
  return statuses?.find((s) => s.name === spec.name);
}

function stateOf(context: StatusContext, plan: ContainerPlan): ContainerState {
  const { view } = context;
  const { newest, next, spec } = plan;
  if (newest?.state === 'running') return { running: { startedAt: timestamp(newest.startedAt ?? newest.createdAt) } };
  if (next.do === 'wait') {
    const { namespace, name, uid } = view.pod!.metadata;
    const backOff = formatGoDuration(next.seconds * 1000);
    const message = `back-off ${backOff} restarting failed container=${spec.name} pod=${name}_${namespace}(${uid})`;
    return { waiting: { reason: 'CrashLoopBackOff', message } };
  }
  const hurdle = hurdleOf(view, plan);
  if (hurdle) return { waiting: hurdle };
  if (newest && next.do !== 'blocked') return { terminated: terminated(context, newest) };
  // As in kubectl's `Init:0/1`: main containers wait for the init containers, and say so.
  const reason = context.hasInits && plan.role === 'main' ? 'PodInitializing' : 'ContainerCreating';
  const trouble = view.facts.trouble('sandbox') ?? view.facts.trouble('volumes');
  return { waiting: { reason, ...(trouble && { message: trouble.message }) } };
}

/** Why a container that is to start has not started. */
function hurdleOf(view: PodView, { next, spec }: ContainerPlan): { reason: string; message: string } | undefined {
  if (next.do !== 'start') return undefined;
  const image = view.facts.image(spec.name, next.restartCount);
  if (image.state === 'failed') return { reason: image.reason, message: image.message };
  const trouble = view.facts.trouble(spec.name);
  return trouble && { reason: trouble.reason, message: trouble.message };
}

function terminated({ view, engine }: StatusContext, instance: RuntimeContainer): ContainerStateTerminated {
  const { exitCode = 137, oomKilled, error, createdAt } = instance;
  const message = error || view.facts.terminationMessage(instance.id);
  const startedAt = instance.startedAt ?? createdAt;
  const unseen = instance.finishedAt === undefined;
  const why = unseen ? 'ContainerStatusUnknown' : endReason({ exitCode, oomKilled: !!oomKilled, error });
  return {
    exitCode,
    reason: why,
    ...(message && { message }),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(instance.finishedAt ?? startedAt),
    containerID: `${engine}://${instance.id}`,
  };
}

function endReason(end: { exitCode: number; oomKilled: boolean; error: string | undefined }): string {
  if (end.oomKilled) return 'OOMKilled';
  if (end.error) return 'ContainerCannotRun';
  return end.exitCode === 0 ? 'Completed' : 'Error';
}
