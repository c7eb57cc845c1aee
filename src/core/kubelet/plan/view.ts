/** What a plan is made from: one pod as it is wanted, as the machine has it, and what this kubelet remembers of it. */
import type { Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import type { PodStatus } from '../../api/types/pod.ts';
import type { ImageInfo, RuntimePod } from '../../runtime/runtime.ts';

export interface PodView {
  readonly uid: string;
  /** Absent: nobody wants this pod (any more). */
  readonly pod?: Stored<Pod> | undefined;
  /** What the API holds or is about to hold; newer than pod.status while a write is under way. */
  readonly known: PodStatus;
  readonly runtime?: RuntimePod | undefined;
  readonly facts: PodFacts;
  /** Of this node. */
  readonly hostIP: string;
  readonly now: number;
}

/** Memory that is cheap to lose: a restarted kubelet tries images and volumes anew and probes from the start. */
export interface PodFacts {
  image(container: string, restartCount: number): ImageState;
  probe(containerID: string): ProbeState;
  /** When a stop that is under way will have killed the container. */
  stoppingUntil(containerID: string): number | undefined;
  /** The last try failed: of a container by its name, or of the pod's `sandbox` or `volumes`. */
  trouble(what: string): Trouble | undefined;
  readonly volumesReady: boolean;
  /** Files of secrets and the like are due to be brought up to date. */
  readonly filesStale: boolean;
  readonly volumesOnDisk: boolean;
  /** Ended because the kubelet wanted it to start anew, whatever its exit code. */
  mustRestart(instance: { name: string; id: string }): boolean;
  terminationMessage(containerID: string): string | undefined;
  /** Why this node does not take the pod. */
  readonly rejection?: { reason: string; message: string } | undefined;
  /** When this kubelet saw that the pod is to go. */
  readonly deletionSeenAt?: number | undefined;
  /** Grace for containers of a pod that is gone from the API. */
  readonly orphanGraceSeconds: number;
}

export type ImageState =
  | { state: 'unknown' | 'pulling' }
  | { state: 'present'; image: ImageInfo }
  | ({ state: 'failed'; failedAt: number } & Trouble);

/** So long a failed pull shows as ErrImagePull, the rest of its wait as ImagePullBackOff. */
export const errorShownMs = 2_000;

export interface Trouble {
  reason: string;
  message: string;
  retryAt: number;
}

export interface ProbeState {
  /** The startup probe and the postStart hook, if any, have succeeded. */
  started: boolean;
  ready: boolean;
  /** The liveness or startup probe, or the postStart hook, has given the container up: why. */
  failed?: { message: string; graceSeconds?: number } | undefined;
}
