/** What a plan may ask for. Each step says why; worker.ts has one executor for each type. */
import type { PodStatus } from '../../api/types/pod.ts';

export type PodStep = { reason: string } /** Decides with fresh labels of the node whether it takes the pod. */ & (
  | { type: 'admit' }
  | { type: 'writeStatus'; status: PodStatus }
  /** Looks for the image and pulls it where the policy says so; ends in the background. */
  | { type: 'getImage'; container: string; restartCount: number }
  | { type: 'setUpVolumes' }
  | { type: 'runSandbox' }
  | { type: 'startContainer'; container: string; restartCount: number; backOffSeconds: number }
  /** Pre-stop hook, signal, and the kill when the grace is over; ends in the background. */
  | { type: 'stopContainer'; container: string; id: string; graceSeconds: number; restart: boolean }
  | { type: 'removeContainer'; id: string }
  /** Ends a sandbox and keeps its containers for their logs. */
  | { type: 'stopSandbox'; id: string }
  | { type: 'removeSandbox'; id: string }
  | { type: 'removeVolumes' }
  /** The pod has ended here: the API may forget it. */
  | { type: 'finishDeletion' }
);
