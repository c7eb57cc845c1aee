/**
 * Garbage collection of pods by their owner. A key is one owner, `namespace/name/uid`. When it is gone its pods go too;
 * while it waits for its end with a finalizer, they are let go first (`orphan`) or deleted first (`foregroundDeletion`).
 */
import { Pod, ReplicationController } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Controller, Plan } from '../reconcile/controller.ts';
import { deletePod, forEach, orUndefined, removeOwner } from './calls.ts';
import { type ControllerDeps, joined } from './deps.ts';
import { controllerOf, podIndexers } from './pods.ts';

type Rc = Stored<ReplicationController>;
type Pods = readonly Stored<Pod>[];

export type GarbageStep =
  | { type: 'releasePods'; reason: string; pods: Pods }
  | { type: 'deletePods'; reason: string; pods: Pods }
  | { type: 'removeFinalizer'; reason: string; owner: Rc; finalizer: string }
  /** Asks the server first, since the cache of owners may lag behind the one of pods. */
  | { type: 'collectPods'; reason: string; pods: Pods };

/** `pods` are those that name the owner as their controller. */
export function planGarbage(owner: Rc | undefined, pods: Pods): Plan<GarbageStep> {
  if (!owner) {
    return { steps: pods.length ? [{ type: 'collectPods', reason: 'their owner is gone', pods }] : [] };
  }
  const { deletionTimestamp, finalizers = [] } = owner.metadata;
  if (!deletionTimestamp) return { steps: [] };
  for (const finalizer of ['orphan', 'foregroundDeletion'] as const) {
    if (!finalizers.includes(finalizer)) continue;
    if (pods.length === 0) {
      return { steps: [{ type: 'removeFinalizer', reason: 'no pod is left to it', owner, finalizer }] };
    }
    return { steps: finalizer === 'orphan' ? release(pods) : deleteFirst(pods) };
  }
  return { steps: [] };
}

function release(pods: Pods): GarbageStep[] {
  return [{ type: 'releasePods', reason: 'their owner goes, they stay', pods }];
}

function deleteFirst(pods: Pods): GarbageStep[] {
  const standing = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  return standing.length ? [{ type: 'deletePods', reason: 'they go before their owner', pods: standing }] : [];
}

/** A lost event must not leave a pod behind for ever. */
const resyncEveryMs = 300_000;

export function garbageCollector({ client, informers }: ControllerDeps): Controller<GarbageStep> {
  const pods = informers.for(Pod, { indexers: podIndexers });
  const rcs = informers.for(ReplicationController);

  const keyOfOwner = (pod: Stored<Pod>): string | undefined => {
    const owner = controllerOf(pod);
    if (owner?.kind !== ReplicationController.kind) return undefined;
    return `${pod.metadata.namespace}/${owner.name}/${owner.uid}`;
  };
  const ownerOf = (key: string): Rc | undefined => {
    const { namespace, name, uid } = splitOwnerKey(key);
    const rc = rcs.get(namespace, name);
    return rc?.metadata.uid === uid ? rc : undefined;
  };
  const deleteAll = (doomed: Pods) => forEach(doomed, (pod) => deletePod(client, pod));

  return {
    name: 'garbage-collector',
    resyncEveryMs,
    synced: () => Promise.all([pods.synced(), rcs.synced()]),
    keys: () => new Set(Array.from(pods.list(), keyOfOwner).filter((key) => key !== undefined)),
    watch(enqueue) {
      return joined(
        rcs.subscribe(({ type, object: { metadata } }) => {
          const { namespace, name, uid, deletionTimestamp } = metadata;
          if (type === 'deleted' || deletionTimestamp) enqueue(`${namespace}/${name}/${uid}`);
        }),
        pods.subscribe(({ object, old }) => {
          for (const key of new Set([keyOfOwner(object), old && keyOfOwner(old)])) {
            if (!key) continue;
            const owner = ownerOf(key);
            if (!owner || owner.metadata.deletionTimestamp) enqueue(key);
          }
        }),
      );
    },
    plan: (key) => planGarbage(ownerOf(key), [...pods.byIndex('controller', splitOwnerKey(key).uid)]),
    execute: {
      async releasePods({ pods }, key) {
        const { uid } = splitOwnerKey(key);
        await forEach(pods, (pod) => removeOwner(client, pod, uid));
      },
      deletePods: ({ pods }) => deleteAll(pods),
      async removeFinalizer({ owner: { metadata }, finalizer }) {
        const { namespace, name, resourceVersion } = metadata;
        const finalizers = metadata.finalizers?.filter((other) => other !== finalizer);
        await client.patch(ReplicationController, namespace, name, { metadata: { resourceVersion, finalizers } });
      },
      async collectPods({ pods }, key) {
        const { namespace, name, uid } = splitOwnerKey(key);
        const rc = await orUndefined(client.get(ReplicationController, namespace, name));
        if (rc?.metadata.uid !== uid) await deleteAll(pods);
      },
    },
  };
}

function splitOwnerKey(key: string): { namespace: string; name: string; uid: string } {
  const [namespace = '', name = '', uid = ''] = key.split('/');
  return { namespace, name, uid };
}
