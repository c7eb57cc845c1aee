/** Resource quotas: writes into their status what the objects of their namespaces use. Admission decides without it. */

import { sameValue } from '../api/equal.ts';
import { Pod, ResourceQuota } from '../api/kinds/index.ts';
import { type KubeObject, keyOf, type Stored, splitKey } from '../api/object.ts';
import { covers, formatAmount, isMeasured, type Measure, measure, quotaKinds } from '../api/quota.ts';
import type { ResourceQuotaStatus } from '../api/types/resource-quota.ts';
import type { Controller, Plan } from '../reconcile/controller.ts';
import { orUndefined } from './calls.ts';
import { type ControllerDeps, joined } from './deps.ts';
import { podIndexers } from './pods.ts';

export type QuotaStep = { type: 'report'; reason: string; quota: Stored<ResourceQuota>; status: ResourceQuotaStatus };

/** As kube-controller-manager --resource-quota-sync-period. */
const resyncEveryMs = 300_000;
/** Many pods come and go together: a quota is counted once for all of them. */
const countAfterMs = 100;

const namespaceIndexers = { namespace: ({ metadata }: Stored<KubeObject>) => [metadata.namespace] };

/** `measures`: of all objects in the quota's namespace. */
export function planQuota(quota: Stored<ResourceQuota> | undefined, measures: Iterable<Measure>): Plan<QuotaStep> {
  if (!quota) return { steps: [] };
  const { spec } = quota;
  const sums = new Map<string, bigint>();
  for (const name of Object.keys(spec.hard ?? {})) if (isMeasured(name)) sums.set(name, 0n);
  for (const { amounts, traits } of measures) {
    if (!covers(spec, traits)) continue;
    for (const [name, sum] of sums) sums.set(name, sum + (amounts.get(name) ?? 0n));
  }
  const used = Object.fromEntries([...sums].map(([name, sum]) => [name, formatAmount(name, sum)]));
  const status = { hard: spec.hard ?? {}, used };
  if (sameValue(status, { hard: quota.status.hard ?? {}, used: quota.status.used ?? {} })) return { steps: [] };
  return { steps: [{ type: 'report', reason: 'its use has changed', quota, status }] };
}

export function resourceQuotaController({ client, informers }: ControllerDeps): Controller<QuotaStep> {
  const quotas = informers.for(ResourceQuota, { indexers: namespaceIndexers });
  const counted = quotaKinds.map((kind) => {
    return { kind, informer: informers.for(kind, { indexers: kind === Pod ? podIndexers : namespaceIndexers }) };
  });

  function* measuresIn(namespace: string): Generator<Measure> {
    for (const { kind, informer } of counted) {
      for (const object of informer.byIndex('namespace', namespace)) yield measure(kind, object)!;
    }
  }

  return {
    name: 'resource-quotas',
    resyncEveryMs,
    synced: () => Promise.all([quotas.synced(), ...counted.map(({ informer }) => informer.synced())]),
    keys: () => Array.from(quotas.list(), keyOf),
    watch(enqueue) {
      const enqueueQuotas = ({ metadata }: Stored<KubeObject>) => {
        for (const quota of quotas.byIndex('namespace', metadata.namespace)) enqueue(keyOf(quota), countAfterMs);
      };
      return joined(
        quotas.subscribe(({ object }) => enqueue(keyOf(object))),
        ...counted.map(({ informer }) => informer.subscribe(({ object }) => enqueueQuotas(object))),
      );
    },
    plan(key) {
      const { namespace, name } = splitKey(key);
      return planQuota(quotas.get(namespace, name), measuresIn(namespace));
    },
    execute: {
      async report({ quota, status }) {
        await orUndefined(client.updateStatus(ResourceQuota, { ...quota, status }));
      },
    },
  };
}
