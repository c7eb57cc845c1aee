/**
 * Writes pod statuses, the newest of each pod, one call a pod at a time and all pods at once, so that those written in
 * one turn share a disk commit of the server.
 */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isConflict, isNotFound } from '../api/status.ts';
import type { PodStatus } from '../api/types/pod.ts';
import type { Clock, Timer } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Client } from '../client/client.ts';

export interface StatusWriterDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  /** A write was refused or failed: the pod has to be planned again from what the API then says. */
  failed(uid: string, retryInMs: number): void;
}

/**
 * A pod that is on its way to Running tells so much later at most: one that starts at once is written once. Whatever
 * else there is to tell, errors above all, is written without delay.
 */
const calmMs = 100;

const conflictRetryMs = 10;
const retryMs = 2_000;

interface Entry {
  /** As the API has answered last. */
  stored?: Stored<Pod>;
  /** To be written. */
  next?: { pod: Stored<Pod>; status: PodStatus } | undefined;
  timer?: Timer | undefined;
  writing?: Promise<void> | undefined;
}

export class StatusWriter {
  readonly #deps: StatusWriterDeps;
  readonly #pods = new Map<string, Entry>();
  #stopped = false;

  constructor(deps: StatusWriterDeps) {
    this.#deps = deps;
  }

  /** What the API holds or will hold soon, for a pod as the cache has it. */
  known(pod: Stored<Pod>): PodStatus {
    const { uid } = pod.metadata;
    const entry = this.#pods.get(uid);
    if (entry?.next) return entry.next.status;
    if (entry?.stored && isNewer(entry.stored, pod)) return entry.stored.status;
    // The cache has caught up: it alone is enough again.
    this.#pods.delete(uid);
    return pod.status;
  }

  write(pod: Stored<Pod>, status: PodStatus): void {
    const { uid } = pod.metadata;
    const entry = this.#pods.get(uid) ?? {};
    this.#pods.set(uid, entry);
    entry.next = { pod, status };
    if (isCalm(status)) entry.timer ??= this.#deps.clock.after(calmMs, () => this.#begin(entry));
    else this.#begin(entry);
  }

  /** Resolves when nothing of this pod is left to write. */
  async settled(uid: string): Promise<void> {
    const entry = this.#pods.get(uid);
    if (!entry) return;
    this.#begin(entry);
    await entry.writing;
  }

  forget(uid: string): void {
    this.#pods.get(uid)?.timer?.cancel();
    this.#pods.delete(uid);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#pods.keys()].map((uid) => this.settled(uid)));
    this.#stopped = true;
  }

  #begin(entry: Entry): void {
    entry.timer?.cancel();
    entry.timer = undefined;
    if (this.#stopped || !entry.next || entry.writing) return;
    entry.writing = this.#drain(entry).finally(() => {
      entry.writing = undefined;
    });
  }

  async #drain(entry: Entry): Promise<void> {
    while (entry.next) {
      const { next } = entry;
      const newest = entry.stored && isNewer(entry.stored, next.pod) ? entry.stored : next.pod;
      try {
        entry.stored = await this.#deps.client.updateStatus(Pod, { ...newest, status: next.status });
        if (entry.next === next) entry.next = undefined;
      } catch (error) {
        entry.next = undefined;
        await this.#refused(entry, next.pod, error);
      }
    }
  }

  async #refused(entry: Entry, { metadata }: Stored<Pod>, error: unknown): Promise<void> {
    const { client, log, failed } = this.#deps;
    const { namespace, name, uid } = metadata;
    if (isNotFound(error)) return; // Deleted meanwhile.
    if (isConflict(error)) {
      // Somebody else wrote; the cache may take a while to show what.
      const now = await client.get(Pod, namespace, name).catch(() => undefined);
      if (now?.metadata.uid === uid) entry.stored = now;
      failed(uid, conflictRetryMs);
    } else {
      log.warn(`status of ${namespace}/${name}: ${(error as Error).message}`);
      failed(uid, retryMs);
    }
  }
}

function isNewer(a: Stored<Pod>, than: Stored<Pod>): boolean {
  return Number(a.metadata.resourceVersion) > Number(than.metadata.resourceVersion);
}

/** Nothing but the first steps of a start that goes well. */
function isCalm({ phase, containerStatuses = [], initContainerStatuses = [] }: PodStatus): boolean {
  const calmReasons = ['ContainerCreating', 'PodInitializing'];
  return (
    phase === 'Pending' &&
    [...initContainerStatuses, ...containerStatuses].every(
      ({ state }) => calmReasons.includes(state.waiting?.reason ?? '') && !state.waiting?.message,
    )
  );
}
