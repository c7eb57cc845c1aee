/**
 * Scheduler: gives every pod without a node one. Decisions are made one pod after the other, each counting those before
 * it; the bindings of a turn of the event loop are sent together, so that they share one commit to disk.
 *
 * May import: core/async, core/api, core/client, core/reconcile.
 */
import { Node, Pod, Service } from '../api/kinds/index.ts';
import { keyOf, type Stored, splitKey } from '../api/object.ts';
import { isConflict, isNotFound } from '../api/status.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Queueing } from '../async/running.ts';
import type { Client } from '../client/client.ts';
import type { Change, Informer } from '../client/informer.ts';
import type { Informers } from '../client/informers.ts';
import type { EventRecorder } from '../client/recorder.ts';
import { chooseNode, fits, misfits } from './algorithm.ts';
import { Binder } from './binder.ts';
import { ClusterState } from './cluster-state.ts';
import { markUnschedulable } from './condition.ts';
import { defaultPolicy } from './defaults.ts';
import { fitErrorMessage } from './fit-error.ts';
import { SchedulingQueue } from './queue.ts';
import { type PodRequirements, requirementsOf } from './requirements.ts';
import { isWaiting } from './waiting.ts';

export interface SchedulerDeps {
  client: Client;
  informers: Informers;
  recorder: EventRecorder;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** Pods decided on before the rest of the process gets its turn. */
const podsPerTurn = 128;
/** Bindings and conditions that wait for their answer. */
const callsInFlightMax = 1024;

export function startScheduler(deps: SchedulerDeps): Queueing {
  const scheduler = new Scheduler(deps);
  void scheduler.start();
  return scheduler;
}

class Scheduler implements Queueing {
  readonly #deps: SchedulerDeps;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #services: Informer<Service>;
  readonly #state = new ClusterState();
  readonly #queue: SchedulingQueue;
  readonly #binder: Binder;
  readonly #calls = new Set<Promise<void>>();
  #unsubscribe: (() => void)[] = [];
  #turnScheduled = false;
  #stopped = false;

  constructor(deps: SchedulerDeps) {
    const { clock, random, informers } = deps;
    this.#deps = deps;
    this.#pods = informers.for(Pod);
    this.#nodes = informers.for(Node);
    this.#services = informers.for(Service);
    this.#queue = new SchedulingQueue({ clock, random, ready: () => this.#scheduleTurn() });
    this.#binder = new Binder(deps, { pods: this.#pods, state: this.#state, queue: this.#queue });
  }

  /** Nothing is decided before all caches are filled: a node whose pods are missing looks empty. */
  async start(): Promise<void> {
    try {
      await Promise.all([this.#pods.synced(), this.#nodes.synced(), this.#services.synced()]);
    } catch (error) {
      if (!this.#stopped) this.#deps.log.error(`caches never filled: ${(error as Error).message}`);
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
    await Promise.all(this.#calls);
    this.#queue.stop();
    this.#binder.stop();
  }

  queueDepths() {
    return { scheduler: this.#queue.size };
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
      this.#binder.confirm(keyOf(object));
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
    this.#call(this.#binder.bind(pod, node));
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
        this.#deps.log.warn(`${keyOf(pod)}: PodScheduled not written: ${(error as Error).message}`);
      }
    }
  }

  #call(promise: Promise<void>): void {
    const call = promise.then(() => {
      this.#calls.delete(call);
      if (this.#queue.hasActive) this.#scheduleTurn();
      else this.#retrySoon();
    });
    this.#calls.add(call);
  }
}
