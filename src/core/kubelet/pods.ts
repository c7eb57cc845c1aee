/** The pods that the API has given to this node. */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Clock } from '../async/clock.ts';
import type { Informer } from '../client/informer.ts';
import type { Informers } from '../client/informers.ts';

/** For containers of pods that are gone and whose wishes nobody knows: what the kubelet of 0.17 gave all of them. */
const orphanGraceSeconds = 10;

/** By uid: a pod that is made anew under the same name is another pod, and both may be on the machine for a while. */
export class NodePods {
  readonly #informer: Informer<Pod>;
  readonly #byUid = new Map<string, Stored<Pod>>();
  /** Of pods that were deleted while we watched. */
  readonly #lastGrace = new Map<string, number>();
  /** When the deletion was seen first, by our own clock: the timestamp is by that of an API server, which may differ. */
  readonly #deletions = new Map<string, { timestamp: string; seenAt: number }>();
  readonly #clock: Clock;

  constructor(informers: Informers, nodeName: string, clock: Clock) {
    this.#clock = clock;
    this.#informer = informers.for(Pod, { fieldSelector: `spec.nodeName=${nodeName}` });
  }

  synced(): Promise<void> {
    return this.#informer.synced();
  }

  /** Oldest first at the start, so that of two pods that cannot both be let in the older one is. */
  watch(changed: (uid: string) => void): () => void {
    let begun: string[] | undefined = [];
    const unsubscribe = this.#informer.subscribe(({ type, object }) => {
      const { uid } = object.metadata;
      if (type === 'deleted') this.#remove(object);
      else this.#set(object);
      if (begun) begun.push(uid);
      else changed(uid);
    });
    const created = (uid: string) => this.#byUid.get(uid)?.metadata.creationTimestamp ?? '';
    begun.sort((a, b) => (created(a) < created(b) ? -1 : 1)).forEach(changed);
    begun = undefined;
    return unsubscribe;
  }

  get(uid: string): Stored<Pod> | undefined {
    return this.#byUid.get(uid);
  }
  find(namespace: string, name: string): Stored<Pod> | undefined {
    return this.#informer.get(namespace, name);
  }
  all(): Iterable<Stored<Pod>> {
    return this.#byUid.values();
  }
  uids(): Iterable<string> {
    return this.#byUid.keys();
  }

  /** Undefined for a pod that is not being deleted. A deletion with another grace is another one. */
  deletionSeenAt(uid: string): number | undefined {
    return this.#deletions.get(uid)?.seenAt;
  }
  graceOfGone(uid: string): number {
    return this.#lastGrace.get(uid) ?? orphanGraceSeconds;
  }
  forget(uid: string): void {
    this.#lastGrace.delete(uid);
  }

  #set(pod: Stored<Pod>): void {
    const { uid, deletionTimestamp: timestamp } = pod.metadata;
    this.#byUid.set(uid, pod);
    if (timestamp && this.#deletions.get(uid)?.timestamp !== timestamp) {
      this.#deletions.set(uid, { timestamp, seenAt: this.#clock.now() });
    }
  }

  #remove({ metadata, spec }: Stored<Pod>): void {
    this.#byUid.delete(metadata.uid);
    this.#deletions.delete(metadata.uid);
    // Removed at once (`--grace-period=0`): whoever did that does not want to wait.
    const grace = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? orphanGraceSeconds;
    this.#lastGrace.set(metadata.uid, grace);
  }
}
