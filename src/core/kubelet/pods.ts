/** The pods that the API has given to this node. */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
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

  constructor(informers: Informers, nodeName: string) {
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
      else this.#byUid.set(uid, object);
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

  graceOfGone(uid: string): number {
    return this.#lastGrace.get(uid) ?? orphanGraceSeconds;
  }
  forget(uid: string): void {
    this.#lastGrace.delete(uid);
  }

  #remove({ metadata, spec }: Stored<Pod>): void {
    this.#byUid.delete(metadata.uid);
    // Removed at once (`--grace-period=0`): whoever did that does not want to wait.
    const grace = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? orphanGraceSeconds;
    this.#lastGrace.set(metadata.uid, grace);
  }
}
