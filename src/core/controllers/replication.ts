/**
 * Replication controllers: as many pods as asked for. Counts the active pods that the selector selects, creates what is
 * missing, deletes what is too many. Pods of another controller are left to it; pods of none are adopted, and those
 * whose labels no longer match are released, so that no two controllers ever work on the same pod.
 */
import { Pod, ReplicationController } from '../api/kinds/index.ts';
import { type Draft, keyOf, type Stored, splitKey } from '../api/object.ts';
import type { OwnerReference } from '../api/types/meta.ts';
import type { Change } from '../client/informer.ts';
import type { Controller } from '../reconcile/controller.ts';
import { Expectations } from '../reconcile/expectations.ts';
import { addOwner, deletePod, forEach, removeOwner } from './calls.ts';
import { type ControllerDeps, joined } from './deps.ts';
import { controllerOf, podIndexers, podsSelectedBy, selecting, selectorIndexers, selects } from './pods.ts';
import { planReplication, type Rc, type ReplicationStep } from './replication-plan.ts';

/** As in 0.17. */
const resyncEveryMs = 30_000;
const workers = 5;

export function replicationController({
  client,
  informers,
  recorder,
  clock,
}: ControllerDeps): Controller<ReplicationStep> {
  const pods = informers.for(Pod, { indexers: podIndexers });
  const rcs = informers.for(ReplicationController, { indexers: selectorIndexers });
  const expectations = new Expectations(clock);

  const get = (key: string) => {
    const { namespace, name } = splitKey(key);
    return rcs.get(namespace, name);
  };

  function* podsOf(rc: Rc): Generator<Stored<Pod>> {
    yield* podsSelectedBy(pods, rc.metadata.namespace, rc.spec.selector);
    for (const pod of pods.byIndex('controller', rc.metadata.uid)) {
      if (!selects(rc.spec.selector, pod.metadata.labels)) yield pod;
    }
  }

  /** The controller that a pod belongs to, or those that may adopt it. */
  function* keysOf(pod: Stored<Pod>): Generator<string> {
    const owner = controllerOf(pod);
    if (owner?.kind === ReplicationController.kind) yield `${pod.metadata.namespace}/${owner.name}`;
    else if (!owner) for (const rc of selecting(rcs, pod)) yield keyOf(rc);
  }

  /** Strikes off what was ordered and has come to pass. */
  function observe({ type, object }: Change<Pod>, key: string): void {
    if (type === 'deleted' || object.metadata.deletionTimestamp) expectations.deleted(key, object.metadata.uid);
    else if (type === 'added') expectations.created(key);
  }

  async function createOne(key: string, rc: Rc): Promise<void> {
    expectations.creating(key);
    try {
      const pod = await client.create(Pod, podFrom(rc));
      recorder.event(rc, 'Normal', 'successfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      expectations.created(key);
      throw error;
    }
  }

  async function deleteOne(key: string, rc: Rc, pod: Stored<Pod>): Promise<void> {
    const { name, uid } = pod.metadata;
    expectations.deleting(key, uid);
    try {
      await deletePod(client, pod);
      recorder.event(rc, 'Normal', 'successfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      expectations.deleted(key, uid);
      throw error;
    }
  }

  return {
    name: 'replication',
    workers,
    resyncEveryMs,
    parallel: true,
    synced: () => Promise.all([pods.synced(), rcs.synced()]),
    keys: () => Array.from(rcs.list(), keyOf),
    watch(enqueue) {
      return joined(
        rcs.subscribe(({ type, object }) => {
          if (type === 'deleted') expectations.forget(keyOf(object));
          enqueue(keyOf(object));
        }),
        pods.subscribe((change) => {
          for (const key of keysOf(change.object)) {
            observe(change, key);
            enqueue(key);
          }
          // Labels may have changed, or the owner: whoever had the pod before looks again too.
          if (change.old) for (const key of keysOf(change.old)) enqueue(key);
        }),
      );
    },
    plan(key) {
      const rc = get(key);
      return rc ? planReplication(rc, podsOf(rc), expectations.met(key), clock.now()) : { steps: [] };
    },
    execute: {
      /** 1, 8, 64 … at a time, ended by the first failure: what the server refuses it refuses for all of them. */
      async createPods({ count }, key) {
        const rc = get(key);
        if (!rc) return;
        for (let left = count, batch = 1; left > 0; left -= batch, batch *= 8) {
          const slots = Array.from({ length: Math.min(batch, left) });
          await forEach(slots, () => createOne(key, rc)).catch((error: Error) => {
            recorder.event(rc, 'Warning', 'failedCreate', `Error creating: ${error.message}`);
            throw error;
          });
        }
      },
      async deletePods({ pods }, key) {
        const rc = get(key);
        if (!rc) return;
        await forEach(pods, (pod) => deleteOne(key, rc, pod)).catch((error: Error) => {
          recorder.event(rc, 'Warning', 'failedDelete', `Error deleting: ${error.message}`);
          throw error;
        });
      },
      async adoptPod({ pod }, key) {
        const rc = get(key);
        if (rc) await addOwner(client, pod, ownerReference(rc.metadata));
      },
      async releasePod({ pod }, key) {
        const rc = get(key);
        if (rc) await removeOwner(client, pod, rc.metadata.uid);
      },
      async updateStatus({ status }, key) {
        const { namespace, name } = splitKey(key);
        await client.patch(ReplicationController, namespace, name, { status }, { subresource: 'status' });
      },
    },
  };
}

function podFrom({ metadata, spec }: Rc): Draft<Pod> {
  const { labels, annotations, finalizers } = spec.template?.metadata ?? {};
  return {
    kind: Pod.kind,
    apiVersion: Pod.apiVersion,
    metadata: {
      generateName: `${metadata.name}-`,
      namespace: metadata.namespace,
      labels,
      annotations,
      finalizers,
      ownerReferences: [ownerReference(metadata)],
    },
    spec: spec.template?.spec,
  };
}

function ownerReference({ name, uid }: Rc['metadata']): OwnerReference {
  const { apiVersion, kind } = ReplicationController;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
