/**
 * Scheduler: gives every pod without a node one. Decisions are made one pod after the other, each counting those before
 * it; the bindings of a turn of the event loop are sent together, so that they share one commit to disk.
 *
 * May import: core/async, core/api, core/client, core/reconcile.
 */
import { Node, Pod, Service } from '../api/kinds/index.ts';
import { keyOf, type Stored, splitKey } from '../api/object.ts';
import { isFinished } from '../api/states.ts';
import { ApiError, isConflict, isNotFound } from '../api/status.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Running } from '../async/running.ts';
import type { Client } from '../client/client.ts';
import type { Change, Informer } from '../client/informer.ts';
import type { Informers } from '../client/informers.ts';
import type { EventRecorder } from '../client/recorder.ts';
import { chooseNode, fits, misfits } from './algorithm.ts';
import { ClusterState } from './cluster-state.ts';
import { markUnschedulable } from './condition.ts';
import { defaultPolicy } from './defaults.ts';
import { fitErrorMessage } from './fit-error.ts';
import type { NodeState } from './node-state.ts';
import { SchedulingQueue } from './queue.ts';
import { type PodRequirements, requirementsOf } from './requirements.ts';
import { UnconfirmedPods } from './unconfirmed.ts';

export interface SchedulerDeps {
  client: Client;
  informers: Informers;
  recorder: EventRecorder;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** Pods that name another scheduler are left to it. */
const schedulerName = 'default-scheduler';
/** Pods decided on before the rest of the process gets its turn. */
const podsPerTurn = 128;
/** Bindings and conditions that wait for their answer. */
const callsInFlightMax = 1024;

export function startScheduler(deps: SchedulerDeps): Running {
  const scheduler = new Scheduler(deps);
  void scheduler.start();
  return scheduler;
}

class Scheduler implements Running {
  readonly #deps: SchedulerDeps;
  readonly #log: Logger;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #services: Informer<Service>;
  readonly #state = new ClusterState();
  readonly #queue: SchedulingQueue;
  readonly #unconfirmed: UnconfirmedPods;
  readonly #calls = new Set<Promise<void>>();
  #unsubscribe: (() => void)[] = [];
  #turnScheduled = false;
  #stopped = false;

  constructor(deps: SchedulerDeps) {
    const { clock, random, informers } = deps;
    this.#deps = deps;
    this.#log = deps.log;
    this.#pods = informers.for(Pod);
    this.#nodes = informers.for(Node);
    this.#services = informers.for(Service);
    this.#queue = new SchedulingQueue({ clock, random, ready: () => this.#scheduleTurn() });
    this.#unconfirmed = new UnconfirmedPods(clock, (pod) => this.#giveUp(pod));
  }

  /** Nothing is decided before all caches are filled: a node whose pods are missing looks empty. */
  async start(): Promise<void> {
    try {
      await Promise.all([this.#pods.synced(), this.#nodes.synced(), this.#services.synced()]);
    } catch (error) {
      if (!this.#stopped) this.#log.error(`caches never filled: ${(error as Error).message}`);
      return;
    }
    if (this.#stopped) return;
    this.#unsubscribe = [
      this.#nodes.subscribe((change) => this.#nodeChanged(change)),
      this.#services.subscribe((change) => this.#serviceChanged(change)),
      this.#pods.subscribe((change) => this.#podChanged(change)),
    ];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#queue.stop();
    this.#unconfirmed.stop();
    await Promise.all(this.#calls);
  }

  #nodeChanged({ type, object }: Change<Node>): void {
    if (type === 'deleted') this.#state.removeNode(object.metadata.name);
    else this.#state.setNode(object);
    this.#retrySoon();
  }

  #serviceChanged({ type, object }: Change<Service>): void {
    if (type === 'deleted') this.#state.removeService(object);
    else this.#state.setService(object);
  }

  #podChanged({ type, object }: Change<Pod>): void {
    if (type === 'deleted') this.#state.removePod(object);
    else this.#state.setPod(object);

    if (type === 'deleted' || !isWaiting(object)) {
      this.#queue.remove(keyOf(object));
      this.#unconfirmed.delete(keyOf(object));
    } else {
      const pod = requirementsOf(object);
      if (!this.#state.isAssumed(pod)) this.#queue.set(pod);
    }
    this.#retrySoon();
  }

  #retrySoon(): void {
    if (this.#state.relieved.size > 0) this.#scheduleTurn();
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled || this.#stopped) return;
    this.#turnScheduled = true;
    setImmediate(() => {
      this.#turnScheduled = false;
      if (!this.#stopped) this.#turn();
    });
  }

  #turn(): void {
    this.#retryParked();
    for (let n = 0; n < podsPerTurn && this.#hasRoom; n++) {
      const pod = this.#queue.next();
      if (!pod) return;
      this.#place(pod);
    }
    // Without room the next answer schedules the turn.
    if (this.#queue.hasActive && this.#hasRoom) this.#scheduleTurn();
  }

  get #hasRoom(): boolean {
    return this.#calls.size < callsInFlightMax;
  }

  /**
   * Tries the parked pods on the nodes that changed, and only those: each placed pod counts before the next is looked at,
   * so that one freed place wakes one pod and not all that hoped for it.
   */
  #retryParked(): void {
    const { relieved } = this.#state;
    if (relieved.size === 0) return;
    const nodes = [...relieved];
    for (const pod of this.#queue.parked()) {
      if (!this.#hasRoom) return;
      if (nodes.some((node) => fits(pod, node, defaultPolicy))) this.#place(pod);
    }
    relieved.clear();
  }

  #place(pod: PodRequirements): void {
    // An earlier binding of unknown outcome must not stand in the pod's own way.
    this.#state.forget(pod);
    const node = chooseNode(pod, this.#state, defaultPolicy, this.#deps.random);
    if (!node) {
      this.#park(pod);
      return;
    }
    this.#queue.take(pod.key);
    this.#state.assume(pod, node);
    this.#call(this.#bind(pod, node));
  }

  #park(pod: PodRequirements): void {
    this.#queue.park(pod);
    const { namespace, name } = splitKey(pod.key);
    const message = fitErrorMessage(name, misfits(pod, this.#state.nodes, defaultPolicy));
    const object = this.#pods.get(namespace, name);
    if (object?.metadata.uid !== pod.uid) return;
    this.#deps.recorder.event(object, 'Warning', 'failedScheduling', message);
    this.#call(this.#markUnschedulable(object, message));
  }

  async #markUnschedulable(pod: Stored<Pod>, message: string): Promise<void> {
    try {
      await markUnschedulable(this.#deps.client, pod, message, this.#deps.clock.now());
    } catch (error) {
      // A help for people: the event says the same, and the next attempt writes it again.
      if (!isConflict(error) && !isNotFound(error)) {
        this.#log.warn(`${keyOf(pod)}: PodScheduled not written: ${(error as Error).message}`);
      }
    }
  }

  async #bind(pod: PodRequirements, node: NodeState): Promise<void> {
    const { client, recorder } = this.#deps;
    const { namespace, name } = splitKey(pod.key);
    try {
      await client.bind(Pod, namespace, name, node.name);
    } catch (error) {
      this.#bindFailed(pod, error);
      return;
    }
    if (this.#state.isAssumed(pod)) this.#unconfirmed.add(pod);
    this.#log.info(`${pod.key}: assigned to ${node.name}`);
    const object = this.#pods.get(namespace, name);
    if (object) recorder.event(object, 'Normal', 'scheduled', `Successfully assigned ${name} to ${node.name}`);
  }

  #bindFailed(pod: PodRequirements, error: unknown): void {
    // An answer of the server is final. Without one the pod may be bound: its place stays taken until we know.
    if (error instanceof ApiError) this.#state.forget(pod);
    else this.#unconfirmed.add(pod);
    const object = this.#waitingPod(pod);
    if (!object) return;
    const delayMs = this.#queue.backOff(pod);
    const { message } = error as Error;
    this.#log.warn(`${pod.key}: binding rejected: ${message}; again in ${(delayMs / 1000).toFixed(1)} s`);
    // The pod was bound or deleted meanwhile, and its informer will say so.
    if (isConflict(error) || isNotFound(error)) return;
    this.#deps.recorder.event(object, 'Warning', 'failedScheduling', `Binding rejected: ${message}`);
  }

  /** The binding was answered or lost, and never showed. */
  #giveUp(pod: PodRequirements): void {
    this.#state.forget(pod);
    if (this.#waitingPod(pod)) this.#queue.set(pod);
    this.#retrySoon();
  }

  #waitingPod({ key, uid }: PodRequirements): Stored<Pod> | undefined {
    const { namespace, name } = splitKey(key);
    const object = this.#pods.get(namespace, name);
    return object && object.metadata.uid === uid && isWaiting(object) ? object : undefined;
  }

  #call(promise: Promise<void>): void {
    if (this.#stopped) return;
    const call = promise.then(() => {
      this.#calls.delete(call);
      if (this.#queue.hasActive) this.#scheduleTurn();
      else this.#retrySoon();
    });
    this.#calls.add(call);
  }
}

function isWaiting(pod: Stored<Pod>): boolean {
  const { metadata, spec } = pod;
  const isOurs = (spec.schedulerName ?? schedulerName) === schedulerName;
  return !spec.nodeName && isOurs && !metadata.deletionTimestamp && !isFinished(pod);
}
