/** What `delete` and `stop` do: ask for the end of objects, and wait until they are gone. */
import type { KubeObject } from '../api/object.ts';
import type { RequestOptions } from '../api/request.ts';
import { ApiError } from '../api/status.ts';
import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { watchUntil } from './following.ts';
import { qualified } from './printers/index.ts';
import type { Target } from './targets.ts';
import { eachInTurn } from './writing.ts';

export interface DeleteWishes {
  /** The word of the answer line. */
  word: 'deleted' | 'stopped';
  options: RequestOptions;
  wait: boolean;
  timeoutMs: number | undefined;
  ignoreNotFound: boolean;
  /** `-o name` prints `pod/web` alone. */
  nameOnly: boolean;
}

export type Deleted = Target & { uid: string | undefined };

export async function deleteAll(
  targets: readonly Target[],
  wishes: DeleteWishes,
  { api, context }: { api: Connection; context: Context },
): Promise<void> {
  const deleted: Deleted[] = [];
  const one = async (target: Target): Promise<void> => {
    const { kind, namespace, name } = target;
    try {
      deleted.push({ ...target, uid: uidOf(await api.client.delete(kind, namespace, name, wishes.options)) });
    } catch (error) {
      if (wishes.ignoreNotFound && error instanceof ApiError && error.reason === 'NotFound') return;
      throw error;
    }
    const plain = `${qualified(kind)}/${name}`;
    context.stdout.write(wishes.nameOnly ? `${plain}\n` : `${qualified(kind)} "${name}" ${wishes.word}\n`);
  };
  try {
    await eachInTurn(targets, wishes.word, one);
  } finally {
    if (wishes.wait) await untilGone(deleted, wishes, { api, context });
  }
}

/** One watch for each kind and namespace, however many objects. */
export async function untilGone(
  deleted: readonly Deleted[],
  { timeoutMs }: Pick<DeleteWishes, 'timeoutMs'>,
  where: { api: Connection; context: Context },
): Promise<void> {
  const groups = new Map<string, Deleted[]>();
  for (const one of deleted) {
    const key = `${one.kind.plural}/${one.namespace}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const { kind, namespace } = group[0]!;
      const there = (seen: ReadonlyMap<string, KubeObject>) =>
        group.filter(({ name, uid }) => {
          const object = seen.get(name);
          // Another object of that name is not the one that was deleted.
          return object && (uid === undefined || object.metadata.uid === uid);
        });
      await watchUntil(
        where,
        { kind, namespace, names: group.map(({ name }) => name) },
        (seen) => there(seen).length === 0,
        {
          timeoutMs,
          late: (seen) =>
            `timed out waiting for ${there(seen)
              .map(({ name }) => `${qualified(kind)}/${name}`)
              .join(', ')} to be gone`,
        },
      );
    }),
  );
}

/** The answer is the object, or a Status that names it. */
function uidOf(answer: unknown): string | undefined {
  const { metadata, details } = answer as { metadata?: { uid?: string }; details?: { uid?: string } };
  return metadata?.uid ?? details?.uid;
}
