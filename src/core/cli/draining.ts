/** What `drain` does after it has closed a node: evict its pods, and wait until they are gone. */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isFinished } from '../api/states.ts';
import { isConflict, isNotFound } from '../api/status.ts';
import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { untilGone } from './deleting.ts';
import { CliError } from './errors.ts';
import { eachInTurn } from './writing.ts';

export interface DrainWishes {
  /** Evicts pods that no controller will make again. */
  force: boolean;
  /** Evicts pods whose emptyDir is lost with them. */
  deleteEmptyDirData: boolean;
  podSelector: string | undefined;
  gracePeriodSeconds: number | undefined;
  /** Deletes without asking for an eviction. */
  disableEviction: boolean;
  timeoutMs: number | undefined;
}

/** Kubernetes' mark of pods that a kubelet has from a file: only that file ends them. */
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The pods that a drain of the node ends. Throws when there are some that it must not end, naming what allows it. */
export async function podsToEvict({ client }: Connection, node: string, wishes: DrainWishes): Promise<Stored<Pod>[]> {
  const labelSelector = wishes.podSelector === undefined ? {} : { labelSelector: wishes.podSelector };
  const { items } = await client.list(Pod, '', { fieldSelector: `spec.nodeName=${node}`, ...labelSelector });
  const pods = (items as Stored<Pod>[]).filter(({ metadata }) => !metadata.annotations?.[mirrorAnnotation]);
  const obstacles = [
    ...(wishes.force ? [] : obstacle(pods, isUnmanaged, 'not managed by a controller', '--force')),
    ...(wishes.deleteEmptyDirData ? [] : obstacle(pods, losesData, 'with local storage', '--delete-emptydir-data')),
  ];
  if (obstacles.length > 0) throw new CliError(`cannot evict ${obstacles.join('; ')}`);
  return pods;
}

function obstacle(pods: readonly Stored<Pod>[], is: (pod: Stored<Pod>) => boolean, what: string, flag: string) {
  const names = pods.filter(is).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return names.length > 0 ? [`pods ${what} (use ${flag} to override): ${names.join(', ')}`] : [];
}

const isUnmanaged = (pod: Stored<Pod>) =>
  !isFinished(pod) && !pod.metadata.ownerReferences?.some(({ controller }) => controller);

const losesData = (pod: Stored<Pod>) => !isFinished(pod) && Boolean(pod.spec.volumes?.some(({ emptyDir }) => emptyDir));

export async function evictAll(
  pods: readonly Stored<Pod>[],
  wishes: DrainWishes,
  where: { api: Connection; context: Context },
): Promise<void> {
  const { api, context } = where;
  await eachInTurn(pods, 'evicted', async ({ metadata }) => {
    context.stdout.write(`evicting pod ${metadata.namespace}/${metadata.name}\n`);
    await evict(api, metadata, wishes);
  });
  const gone = pods.map(({ metadata: { namespace, name, uid } }) => ({ kind: Pod, namespace, name, uid }));
  await untilGone(gone, wishes, where);
  for (const { name } of gone) context.stdout.write(`pod/${name} ${wishes.disableEviction ? 'deleted' : 'evicted'}\n`);
}

/** On the condition that it is the pod that was looked at: one of its name may run somewhere else by now. */
async function evict({ client }: Connection, { namespace, name, uid }: Stored<Pod>['metadata'], wishes: DrainWishes) {
  const { gracePeriodSeconds, disableEviction } = wishes;
  const options = { preconditions: { uid }, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) };
  try {
    if (disableEviction) await client.delete(Pod, namespace, name, options);
    else await client.evict(Pod, namespace, name, options);
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
