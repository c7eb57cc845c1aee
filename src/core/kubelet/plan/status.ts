/** The status of a pod, computed anew from what is observed; only what cannot be observed comes from the old one. Pure. */
import { qosClassOf } from '../../api/kinds/pod/qos.ts';
import { timestamp } from '../../api/time.ts';
import type { ContainerStatus } from '../../api/types/container-status.ts';
import type { PodCondition, PodStatus } from '../../api/types/pod.ts';
import { containerStatus, type StatusContext } from './container-status.ts';
import type { Decisions } from './decide.ts';
import { runningSandbox } from './instances.ts';
import { phaseOf } from './phase.ts';
import type { PodView } from './view.ts';

/** `engine` is the scheme of container ids, such as `docker`. */
export function podStatus(view: PodView, decisions: Decisions, engine: string): PodStatus {
  const { known, now } = view;
  const pod = view.pod!;
  const context: StatusContext = { view, engine, hasInits: decisions.inits.length > 0 };
  const told = decisions.all.flatMap((plan) => {
    const status = containerStatus(context, plan);
    return status ? { status, role: plan.role, over: plan.next.do === 'done' } : [];
  });
  const ofRole = (...roles: string[]) => told.filter(({ role }) => roles.includes(role));
  const inits = ofRole('init', 'sidecar').map(({ status }) => status);
  const mains = ofRole('main').map(({ status }) => status);
  const { phase, reason, message } = decisions.ending ?? {
    phase: phaseOf({ inits: ofRole('init'), initialized: decisions.initialized, mains: ofRole('main') }),
  };
  const { reason: _, message: __, ...kept } = known;
  return {
    ...kept,
    phase,
    ...(reason && { reason }),
    ...(message && { message }),
    conditions: conditions(view, { ...decisions, phase, inits, mains }),
    ...addresses(view),
    startTime: known.startTime ?? timestamp(now),
    ...(inits.length > 0 && { initContainerStatuses: inits }),
    ...(mains.length > 0 && { containerStatuses: mains }),
    qosClass: known.qosClass ?? qosClassOf(pod.spec),
  };
}

/** A pod that has ended keeps the address it had. */
function addresses(view: PodView): Pick<PodStatus, 'hostIP' | 'hostIPs' | 'podIP' | 'podIPs'> {
  const { hostIP, known } = view;
  const sandbox = runningSandbox(view.runtime);
  const podIP = (sandbox && (view.pod!.spec.hostNetwork ? hostIP : sandbox.ip)) ?? known.podIP;
  return { hostIP, hostIPs: [{ ip: hostIP }], ...(podIP && { podIP, podIPs: [{ ip: podIP }] }) };
}

interface ConditionInput {
  phase: string;
  initialized: boolean;
  inits: readonly ContainerStatus[];
  mains: readonly ContainerStatus[];
}
type Why = { reason: string; message?: string } | undefined;

/** How the API writes a time that has not come; the static type of times is string, as nearly all have. */
const noTime = null as unknown as string;

const ours = new Set(['PodScheduled', 'PodReadyToStartContainers', 'Initialized', 'ContainersReady', 'Ready']);

/** In the kubelet's order. Others' conditions (readiness gates and the like) stay as they are. */
function conditions(view: PodView, input: ConditionInput): PodCondition[] {
  const { known, now } = view;
  const before = new Map(known.conditions?.map((c) => [c.type, c]));
  const condition = (type: string, is: boolean, why?: Why) => {
    const status = is ? ('True' as const) : ('False' as const);
    const old = before.get(type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : timestamp(now);
    return { type, status, lastProbeTime: noTime, lastTransitionTime, ...why };
  };
  const unready = whyUnready(input);
  const gate = whyGated(view);
  return [
    condition('PodReadyToStartContainers', !!runningSandbox(view.runtime)),
    condition('Initialized', input.initialized, whyUninitialized(input)),
    condition('Ready', !unready && !gate, unready ?? gate),
    condition('ContainersReady', !unready, unready),
    // The binding has set it; a pod that was created on this node has none.
    before.get('PodScheduled') ?? condition('PodScheduled', true),
    ...(known.conditions ?? []).filter((c) => !ours.has(c.type)),
  ];
}

function whyUnready({ phase, mains }: ConditionInput): Why {
  if (phase === 'Succeeded') return { reason: 'PodCompleted' };
  if (phase === 'Failed') return { reason: 'PodFailed' };
  const unready = mains.filter((s) => !s.ready).map((s) => s.name);
  if (unready.length === 0) return undefined;
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
}

function whyUninitialized({ phase, initialized, inits }: ConditionInput): Why {
  if (initialized) return phase === 'Succeeded' ? { reason: 'PodCompleted' } : undefined;
  const open = inits.filter((s) => !s.ready).map((s) => s.name);
  return { reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${open.join(' ')}]` };
}

function whyGated({ pod, known }: PodView): Why {
  const isTrue = (type: string) => known.conditions?.some((c) => c.type === type && c.status === 'True');
  const closed = pod!.spec.readinessGates?.find((gate) => !isTrue(gate.conditionType));
  if (!closed) return undefined;
  const message = `corresponding condition of pod readiness gate "${closed.conditionType}" does not exist or is not True.`;
  return { reason: 'ReadinessGatesNotReady', message };
}
