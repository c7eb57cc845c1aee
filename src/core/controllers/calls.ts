/** Calls that several controllers make, with the answers that they expect. */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isNotFound } from '../api/status.ts';
import type { OwnerReference } from '../api/types/meta.ts';
import type { Client } from '../client/client.ts';

/** More calls at a time would only wait in the server. */
const callsAtATime = 500;

/** Calls for each; fails when a call did, but only after all that began have ended, so that nothing is left in flight. */
export async function forEach<T>(items: readonly T[], call: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += callsAtATime) {
    const results = await Promise.allSettled(items.slice(from, from + callsAtATime).map(call));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}

/** For objects that may be gone. */
export function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}

/** This very pod, not a later one of its name; 0 seconds removes it without waiting for its kubelet. */
export async function deletePod(client: Client, { metadata }: Stored<Pod>, gracePeriodSeconds?: number): Promise<void> {
  const { namespace, name, uid } = metadata;
  const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
  await orUndefined(client.delete(Pod, namespace, name, { preconditions: { uid }, ...grace }));
}

/** Fails with Conflict when the pod has changed since it was seen, as do all that follow. */
export async function addOwner(client: Client, pod: Stored<Pod>, owner: OwnerReference): Promise<void> {
  await setOwners(client, pod, [...(pod.metadata.ownerReferences ?? []), owner]);
}

export async function removeOwner(client: Client, pod: Stored<Pod>, uid: string): Promise<void> {
  await setOwners(
    client,
    pod,
    (pod.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid),
  );
}

async function setOwners(client: Client, { metadata }: Stored<Pod>, ownerReferences: OwnerReference[]): Promise<void> {
  const { namespace, name, resourceVersion } = metadata;
  await client.patch(Pod, namespace, name, { metadata: { resourceVersion, ownerReferences } });
}
