/** Tells the server where a pod goes, and sees to what becomes of that: done, refused, or never heard of again. */
import { Pod } from '../api/kinds/index.ts';
import { type Stored, splitKey } from '../api/object.ts';
import { ApiError, isConflict, isNotFound } from '../api/status.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { EventRecorder } from '../client/recorder.ts';
import type { ClusterState } from './cluster-state.ts';
import type { NodeState } from './node-state.ts';
import type { SchedulingQueue } from './queue.ts';
import type { PodRequirements } from './requirements.ts';
import { UnconfirmedPods } from './unconfirmed.ts';
import { isWaiting } from './waiting.ts';

interface BinderDeps {
  client: Client;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
}
/** What the scheduler shares with it. */
interface Shared {
  pods: Informer<Pod>;
  state: ClusterState;
  queue: SchedulingQueue;
}

export class Binder {
  readonly #deps: BinderDeps;
  readonly #shared: Shared;
  readonly #unconfirmed: UnconfirmedPods;

  constructor(deps: BinderDeps, shared: Shared) {
    this.#deps = deps;
    this.#shared = shared;
    this.#unconfirmed = new UnconfirmedPods(deps.clock, (pod) => this.#giveUp(pod));
  }

  /** The pod is assumed to be on the node. Never rejects. */
  async bind(pod: PodRequirements, node: NodeState): Promise<void> {
    const { client, recorder, log } = this.#deps;
    const { namespace, name } = splitKey(pod.key);
    try {
      await client.bind(Pod, namespace, name, node.name);
    } catch (error) {
      this.#failed(pod, error);
      return;
    }
    if (this.#shared.state.isAssumed(pod)) this.#unconfirmed.add(pod);
    log.info(`${pod.key}: assigned to ${node.name}`);
    const object = this.#shared.pods.get(namespace, name);
    if (object) recorder.event(object, 'Normal', 'scheduled', `Successfully assigned ${name} to ${node.name}`);
  }

  /** The informer has shown the pod on a node, or gone. */
  confirm(key: string): void {
    this.#unconfirmed.delete(key);
  }

  stop(): void {
    this.#unconfirmed.stop();
  }

  #failed(pod: PodRequirements, error: unknown): void {
    const { state, queue } = this.#shared;
    const { recorder, log } = this.#deps;
    // An answer of the server is final. Without one the pod may be bound: its place stays taken until we know.
    if (error instanceof ApiError) state.forget(pod);
    else this.#unconfirmed.add(pod);
    const object = this.#waitingPod(pod);
    if (!object) return;
    const delayMs = queue.backOff(pod);
    const { message } = error as Error;
    log.warn(`${pod.key}: binding rejected: ${message}; again in ${(delayMs / 1000).toFixed(1)} s`);
    // The pod was bound or deleted meanwhile, and its informer will say so.
    if (isConflict(error) || isNotFound(error)) return;
    recorder.event(object, 'Warning', 'failedScheduling', `Binding rejected: ${message}`);
  }

  /** The binding was answered or lost, and never showed. */
  #giveUp(pod: PodRequirements): void {
    this.#shared.state.forget(pod);
    if (this.#waitingPod(pod)) this.#shared.queue.set(pod);
  }

  #waitingPod({ key, uid }: PodRequirements): Stored<Pod> | undefined {
    const { namespace, name } = splitKey(key);
    const object = this.#shared.pods.get(namespace, name);
    return object && object.metadata.uid === uid && isWaiting(object) ? object : undefined;
  }
}
