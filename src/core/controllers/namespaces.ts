/**
 * Namespaces on their way out: empties them, waits until their pods have ended, then takes its finalizer off, which is
 * what the API server waits for.
 */
import type { Kind } from '../api/kind.ts';
import { kinds, Namespace, Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Controller, Plan } from '../reconcile/controller.ts';
import { type ControllerDeps, joined } from './deps.ts';
import { podIndexers } from './pods.ts';

export type NamespaceStep =
  | { type: 'empty'; reason: string; kind: Kind }
  | { type: 'finalize'; reason: string; namespace: Stored<Namespace> };

/** As in 0.17. */
const resyncEveryMs = 300_000;
const finalizer = 'kubernetes';

/** What makes pods goes before pods; events last, since deleting makes some (0.17 deleteAllContent). */
const first = ['services', 'replicationcontrollers', 'pods'];
const last = 'events';
const rank = ({ plural }: Kind) =>
  first.includes(plural) ? first.indexOf(plural) : first.length + Number(plural === last);
const contents: readonly Kind[] = kinds
  .filter(
    ({ namespaced, verbs }) => namespaced && (!verbs || (verbs.includes('list') && verbs.includes('deletecollection'))),
  )
  .sort((a, b) => rank(a) - rank(b));

export function planNamespace(
  namespace: Stored<Namespace> | undefined,
  pods: readonly Stored<Pod>[],
): Plan<NamespaceStep> {
  if (!namespace?.metadata.deletionTimestamp || !namespace.spec.finalizers?.includes(finalizer)) return { steps: [] };
  const standing = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  // Each pod that ends brings the key back.
  if (pods.length > 0 && standing.length === 0) return { steps: [] };
  const reason = `namespace ${namespace.metadata.name} is being terminated`;
  const steps: NamespaceStep[] = contents.map((kind) => ({ type: 'empty', reason, kind }));
  if (pods.length === 0) steps.push({ type: 'finalize', reason: 'it is empty', namespace });
  return { steps };
}

export function namespaceController({ client, informers }: ControllerDeps): Controller<NamespaceStep> {
  const namespaces = informers.for(Namespace);
  const pods = informers.for(Pod, { indexers: podIndexers });

  return {
    name: 'namespaces',
    resyncEveryMs,
    synced: () => Promise.all([namespaces.synced(), pods.synced()]),
    keys: () => Array.from(namespaces.list(), ({ metadata }) => metadata.name),
    watch(enqueue) {
      return joined(
        namespaces.subscribe(({ object }) => {
          if (object.metadata.deletionTimestamp) enqueue(object.metadata.name);
        }),
        pods.subscribe(({ object: { metadata } }) => {
          if (namespaces.get('', metadata.namespace)?.metadata.deletionTimestamp) enqueue(metadata.namespace);
        }),
      );
    },
    plan: (key) => planNamespace(namespaces.get('', key), [...pods.byIndex('namespace', key)]),
    execute: {
      async empty({ kind }, key) {
        // Everything goes, so nothing has to wait for the garbage collector to set its dependents free.
        await client.deleteCollection(kind, key, { propagationPolicy: 'Background' });
      },
      /** Looks once more, at the server: something with a finalizer of its own may be left, or came in the last moment. */
      async finalize({ namespace }, key) {
        for (const kind of contents) {
          const { items } = await client.list(kind, key, { limit: 1 });
          const [left] = items;
          if (left) throw new Error(`${kind.singular} ${left.metadata.name} is still in namespace ${key}`);
        }
        const finalizers = namespace.spec.finalizers?.filter((other) => other !== finalizer);
        await client.finalize(Namespace, { ...namespace, spec: { ...namespace.spec, finalizers } });
      },
    },
  };
}
