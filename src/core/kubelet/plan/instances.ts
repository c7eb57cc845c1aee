/** A container of a spec and the runtime's containers that have run it. */
import type { Container } from '../../api/types/container.ts';
import type { PodSpec } from '../../api/types/pod.ts';
import type { RuntimeContainer, RuntimePod } from '../../runtime/runtime.ts';

/** What we write on each container, so that a later kubelet knows its history without having been there. */
export const annotation = {
  /** How many instances came before this one. */
  restartCount: 'io.kubernetes.container.restartCount',
  /** The back-off that applies when this instance ends. */
  backOffSeconds: 'kubecfg.back-off-seconds',
  /** The sandbox it runs in. */
  sandbox: 'kubecfg.sandbox',
  /** The file of the host that is its terminationMessagePath. */
  terminationLog: 'kubecfg.termination-log',
  /** `FallbackToLogsOnError`, when the spec asks for it. */
  terminationPolicy: 'kubecfg.termination-policy',
} as const;

export interface Instances {
  newest?: RuntimeContainer;
  /** The one before: what lastState and `logs --previous` show. */
  previous?: RuntimeContainer;
  /** Ended long ago; nothing shows them any more. */
  older: RuntimeContainer[];
}

export function instancesOf(pod: RuntimePod | undefined, name: string): Instances {
  const all = pod?.containers.filter((c) => c.name === name) ?? [];
  const [newest, previous, ...older] = all.toReversed();
  return { ...(newest && { newest }), ...(previous && { previous }), older };
}

export function restartCountOf(instance: RuntimeContainer): number {
  return Number(instance.annotations[annotation.restartCount] ?? 0);
}

export function sandboxOf(instance: RuntimeContainer): string | undefined {
  return instance.annotations[annotation.sandbox];
}

/**
 * The one that counts. There are two when we were killed while the engine was making one and made another afterwards:
 * then it is the one with containers in it, so that none of them has to move.
 */
export function runningSandbox(pod: RuntimePod | undefined): RuntimePod['sandboxes'][number] | undefined {
  const running = pod?.sandboxes.filter((s) => s.state === 'running') ?? [];
  if (running.length < 2) return running[0];
  const inhabited = new Set(pod?.containers.filter((c) => c.state === 'running').map(sandboxOf));
  return running.find((s) => inhabited.has(s.id)) ?? running[0];
}

export function containerOf({ spec }: { spec: PodSpec }, name: string): Container | undefined {
  return [...(spec.initContainers ?? []), ...spec.containers].find((c) => c.name === name);
}
