/** Service accounts: every namespace has one named `default`, which its pods run as unless they name another. */
import { Namespace, ServiceAccount } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { ApiError } from '../api/status.ts';
import type { Controller, Plan } from '../reconcile/controller.ts';
import { type ControllerDeps, joined } from './deps.ts';

export type ServiceAccountStep = { type: 'create'; reason: string };

const name = 'default';
const resyncEveryMs = 300_000;
/** It is there, or its namespace is going or gone: nothing is left to do. */
const settled: ReadonlySet<string> = new Set(['AlreadyExists', 'Forbidden', 'NotFound']);

export function planServiceAccount(
  namespace: Stored<Namespace> | undefined,
  account: Stored<ServiceAccount> | undefined,
): Plan<ServiceAccountStep> {
  if (!namespace || namespace.metadata.deletionTimestamp || account) return { steps: [] };
  return { steps: [{ type: 'create', reason: `namespace ${namespace.metadata.name} has no ${name} account` }] };
}

export function serviceAccountController({ client, informers }: ControllerDeps): Controller<ServiceAccountStep> {
  const namespaces = informers.for(Namespace);
  const accounts = informers.for(ServiceAccount);

  return {
    name: 'service-accounts',
    resyncEveryMs,
    synced: () => Promise.all([namespaces.synced(), accounts.synced()]),
    keys: () => Array.from(namespaces.list(), ({ metadata }) => metadata.name),
    watch(enqueue) {
      return joined(
        namespaces.subscribe(({ type, object }) => {
          if (type === 'added') enqueue(object.metadata.name);
        }),
        accounts.subscribe(({ type, object: { metadata } }) => {
          if (type === 'deleted' && metadata.name === name) enqueue(metadata.namespace);
        }),
      );
    },
    plan: (key) => planServiceAccount(namespaces.get('', key), accounts.get(key, name)),
    execute: {
      async create(_, key) {
        try {
          await client.create(ServiceAccount, { metadata: { name, namespace: key } });
        } catch (error) {
          if (!(error instanceof ApiError) || !settled.has(error.reason)) throw error;
        }
      },
    },
  };
}
