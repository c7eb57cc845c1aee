/**
 * Says what happened to objects by Event objects. The same thing happening again is counted in the event that says it
 * already. Events are help for people: recording never blocks, and when there are too many or nobody takes them they
 * are dropped. The figures below are those of Kubernetes 0.17 (client/record).
 */
import { Event } from '../api/kinds/event.ts';
import { isAlreadyExists, isNotFound, isRetryable } from '../api/status.ts';
import { timestamp } from '../api/time.ts';
import type { ObjectReference } from '../api/types/reference.ts';
import { Backoff } from '../async/backoff.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import { WorkQueue } from '../async/queue.ts';
import { pick, type Random } from '../async/random.ts';
import type { Client } from './client.ts';

export interface EventRecorder {
  /** `object` is what it happened to, or a reference to a part of it (`referenceTo(pod, 'spec.containers{web}')`). */
  event(object: Referable | ObjectReference, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Sends what waits, once more where it failed before, and gives up what cannot be sent: for a clean end. */
  flush(): Promise<void>;
}

/** Any object of the API, as stored or as sent. */
export interface Referable {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: {
    name?: string | undefined;
    namespace?: string | undefined;
    uid?: string | undefined;
    resourceVersion?: string | undefined;
  };
}

export interface RecorderDeps {
  /** Who says it: `scheduler`, `kubelet` … */
  component: string;
  /** The node it is said on. */
  host?: string;
  clock: Clock;
  random: Random;
  log: Logger;
}

const queueLength = 1_000;
const rememberedEvents = 4_096;
const triesMax = 12;
const retryEveryMs = 10_000;
/** Sent at the same time, so that a burst shares the disk writes of the server. */
const senders = 16;

export function referenceTo({ kind, apiVersion, metadata }: Referable, fieldPath?: string): ObjectReference {
  if (!kind) throw new Error(`an event needs the kind of ${metadata.name}`);
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath };
}

export function createRecorder(client: Client, deps: RecorderDeps): EventRecorder {
  return new Recorder(client, deps);
}

/** One event, and what the server knows of it. */
interface Remembered {
  readonly about: ObjectReference;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly firstTimestamp: string;
  lastTimestamp: string;
  count: number;
  name: string;
  stored: boolean;
  tries: number;
}

class Recorder implements EventRecorder {
  readonly #client: Client;
  readonly #deps: RecorderDeps;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  /** In order of use: the front is forgotten first. */
  readonly #remembered = new Map<string, Remembered>();
  /** Keys that the server has not taken yet. */
  readonly #unsent = new Set<string>();
  /** The last number used in a name. */
  #newest = 0n;
  /** Since the queue is full. */
  #dropped = 0;
  /** While flush runs: how many it gave up. */
  #givenUp: number | undefined;

  constructor(client: Client, deps: RecorderDeps) {
    this.#client = client;
    this.#deps = deps;
    const { clock, random, log } = deps;
    this.#log = log;
    this.#queue = new WorkQueue({
      clock,
      backoff: new Backoff({ clock, random, initialMs: retryEveryMs, maxMs: retryEveryMs }),
      workers: senders,
      capacity: queueLength,
      work: (key) => this.#send(key),
      failed: (key, error) => this.#log.error(`${key}: ${(error as Error).stack}`),
    });
  }

  event(object: Referable | ObjectReference, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const about = 'metadata' in object ? referenceTo(object) : object;
    const key = keyOf(about, reason, message);
    const event = this.#remembered.get(key) ?? this.#newEvent(about, type, reason, message);
    event.count++;
    event.lastTimestamp = timestamp(this.#deps.clock.now());
    this.#remember(key, event);
    // One that failed goes out at its next try, together with what is counted until then.
    if (event.tries > 0 && this.#unsent.has(key)) return;
    if (this.#queue.add(key)) {
      this.#unsent.add(key);
      this.#reportDropped();
    } else {
      this.#dropped++;
    }
  }

  async flush(): Promise<void> {
    this.#givenUp = 0;
    for (const key of this.#unsent) this.#queue.add(key);
    await this.#queue.drained();
    this.#reportDropped();
    if (this.#givenUp > 0) this.#log.warn(`${this.#givenUp} events not sent: no server took them`);
    this.#givenUp = undefined;
  }

  #newEvent(about: ObjectReference, type: string, reason: string, message: string): Remembered {
    const now = timestamp(this.#deps.clock.now());
    const name = this.#newName(about);
    const times = { firstTimestamp: now, lastTimestamp: now };
    return { about, type, reason, message, ...times, count: 0, name, stored: false, tries: 0 };
  }

  /**
   * `<object>.<nanoseconds in hex>`; what the clock cannot tell is random, as several recorders may be at work. Clients
   * list events by name, so one that comes later gets the larger number.
   */
  #newName(about: ObjectReference): string {
    const { clock, random } = this.#deps;
    const now = BigInt(Math.floor(clock.now())) * 1_000_000n + BigInt(pick(random, 1_000_000));
    this.#newest = now > this.#newest ? now : this.#newest + 1n;
    return `${about.name}.${this.#newest.toString(16)}`;
  }

  #reportDropped(): void {
    if (this.#dropped > 0) this.#log.warn(`${this.#dropped} events dropped: too many waited to be sent`);
    this.#dropped = 0;
  }

  #remember(key: string, event: Remembered): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, event);
    if (this.#remembered.size <= rememberedEvents) return;
    const [oldest] = this.#remembered.keys();
    if (oldest) this.#forget(oldest);
  }

  #forget(key: string): void {
    this.#remembered.delete(key);
    this.#unsent.delete(key);
  }

  async #send(key: string): Promise<void> {
    const event = this.#remembered.get(key);
    if (!event || !this.#unsent.has(key)) return;
    const { count } = event;
    try {
      await this.#write(event);
      event.stored = true;
      event.tries = 0;
      if (event.count === count) this.#unsent.delete(key);
    } catch (error) {
      this.#failed(key, event, error);
    }
  }

  async #write(event: Remembered): Promise<void> {
    const namespace = event.about.namespace || 'default';
    const { name, count, lastTimestamp } = event;
    if (event.stored) {
      try {
        await this.#client.patch(Event, namespace, name, { count, lastTimestamp });
        return;
      } catch (error) {
        // Expired meanwhile: make it again.
        if (!isNotFound(error)) throw error;
      }
    }
    const { component, host } = this.#deps;
    await this.#client.create(Event, {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name, namespace },
      involvedObject: event.about,
      reason: event.reason,
      message: event.message,
      type: event.type,
      source: { component, host },
      firstTimestamp: event.firstTimestamp,
      lastTimestamp,
      count,
      reportingComponent: component,
      reportingInstance: host ?? '',
    });
  }

  #failed(key: string, event: Remembered, error: unknown): void {
    event.tries++;
    if (isAlreadyExists(error) && event.tries < triesMax) {
      event.name = this.#newName(event.about);
      this.#queue.add(key);
    } else if (isRetryable(error) && this.#givenUp !== undefined) {
      this.#givenUp++;
      this.#forget(key);
    } else if (isRetryable(error) && event.tries < triesMax) {
      // The first gap is random so that all recorders of a cluster do not come back at once.
      this.#queue.add(key, event.tries === 1 ? this.#deps.random.next() * retryEveryMs : retryEveryMs);
    } else {
      const { about, reason } = event;
      this.#log.warn(`${about.kind} ${about.name}: ${reason}: not sent: ${(error as Error).message}`);
      this.#forget(key);
    }
  }
}

/** What makes two events the same. Unlike 0.17 the part of the object counts: two containers pull the same image. */
function keyOf(about: ObjectReference, reason: string, message: string): string {
  const { kind, namespace, name, uid, apiVersion, fieldPath } = about;
  return JSON.stringify([kind, namespace, name, uid, apiVersion, fieldPath, reason, message]);
}
