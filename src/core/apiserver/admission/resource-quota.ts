/**
 * Quotas: what all objects of a namespace may use together. What is used follows from the cache, and writes on their way
 * count with what they were promised, so that many at once never get more than there is, and a crash leaves nothing to
 * repair.
 */
import { Pod, ResourceQuota } from '../../api/kinds/index.ts';
import type { KubeObject, Stored } from '../../api/object.ts';
import { covers, formatAmount, type Measure, measure, nanoOf, quotaKinds } from '../../api/quota.ts';
import { forbidden } from '../../api/status.ts';
import type { ResourceQuotaSpec } from '../../api/types/resource-quota.ts';
import type { Cache } from '../cache.ts';
import type { AnyKind } from '../entry.ts';
import { Tally } from '../tally.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/** What an object will count once its write is done. */
interface Promised {
  readonly kind: AnyKind;
  readonly key: string;
  readonly measured: Measure;
}

export function resourceQuota(): AdmissionPlugin {
  const promises = new Map<string, Set<Promised>>();

  /** Returns the function that forgets it. */
  function promise(namespace: string, promised: Promised): () => void {
    const those = promises.get(namespace) ?? new Set();
    promises.set(namespace, those.add(promised));
    return () => {
      those.delete(promised);
      if (those.size === 0) promises.delete(namespace);
    };
  }

  return {
    name: 'ResourceQuota',
    guards: ({ verb, kind, namespace = '' }, cache) =>
      verb !== 'delete' && quotaKinds.includes(kind) && quotasOf(cache).has(namespace) ? [`quota/${namespace}`] : [],
    admit(request) {
      const { verb, kind, namespace = '', object, old, cache, name } = request;
      if (verb === 'delete' || !quotaKinds.includes(kind)) return;
      const quotas = quotasOf(cache);
      if (!quotas.has(namespace)) return;
      // What a user says of the status of a new object does not count: it is the server's to set.
      const measured = measure(kind, verb === 'create' ? ({ ...object!, status: {} } as KubeObject) : object!);
      if (!measured) return;
      for (const entry of quotas.get(namespace)) {
        const quota = entry.object as unknown as Stored<ResourceQuota>;
        const { spec } = quota;
        if (!covers(spec, measured.traits)) continue;
        const used = usedAgainst(cache, namespace, spec, promises.get(namespace) ?? new Set());
        requireAmounts(request, quota.metadata.name, spec);
        const before = old && measure(kind, old);
        requireRoom(request, quota, { measured, before, used });
      }
      const key = cache.resource(kind).key(namespace, name);
      request.onSettled.push(promise(namespace, { kind, key, measured }));
    },
  };
}

const quotasOf = (cache: Cache) =>
  cache.resource(ResourceQuota).index('namespace', ({ metadata }) => [metadata.namespace]);

type Used = (resource: string) => bigint;

function usedAgainst(cache: Cache, namespace: string, spec: ResourceQuotaSpec, promised: ReadonlySet<Promised>): Used {
  const groups = quotaKinds.flatMap((kind) => {
    const tally = cache.resource(kind).view('quota', () => new Tally(kind));
    return [...tally.groups(namespace)].filter(({ traits }) => covers(spec, traits));
  });
  const more = [...promised].filter(({ measured }) => covers(spec, measured.traits));
  return (resource) => {
    let sum = 0n;
    for (const { sums } of groups) sum += sums.get(resource) ?? 0n;
    return sum + promisedOf(cache, spec, more, resource);
  };
}

/** What is promised beyond what the objects count already; of several writes of one object only one will be. */
function promisedOf(cache: Cache, spec: ResourceQuotaSpec, promised: readonly Promised[], resource: string): bigint {
  const byKey = new Map<string, bigint>();
  for (const { kind, key, measured } of promised) {
    const amount = measured.amounts.get(resource) ?? 0n;
    const entry = cache.resource(kind).get(key);
    const shown = entry && measure(kind, entry.object);
    const counted = shown && covers(spec, shown.traits) ? shown.amounts.get(resource) : undefined;
    const beyond = amount - (counted ?? 0n);
    if (beyond > (byKey.get(key) ?? 0n)) byKey.set(key, beyond);
  }
  let sum = 0n;
  for (const amount of byKey.values()) sum += amount;
  return sum;
}

/** Every resource that would be exceeded is named, with what was asked for, what is in use and what is allowed. */
function requireRoom(
  { kind, name }: AdmissionRequest,
  { metadata, spec }: Stored<ResourceQuota>,
  { measured, before, used }: { measured: Measure; before: Measure | undefined; used: Used },
): void {
  const counted = before && covers(spec, before.traits) ? before.amounts : undefined;
  const exceeded = Object.entries(spec.hard ?? {})
    .map(([resource, limit]) => {
      const growth = (measured.amounts.get(resource) ?? 0n) - (counted?.get(resource) ?? 0n);
      return { resource, limit, growth, now: growth > 0n ? used(resource) : 0n };
    })
    .filter(({ limit, growth, now }) => growth > 0n && now + growth > nanoOf(limit))
    .sort((a, b) => (a.resource < b.resource ? -1 : 1));
  if (!exceeded.length) return;
  const requested = exceeded.map(({ resource, growth }) => `${resource}=${formatAmount(resource, growth)}`);
  const inUse = exceeded.map(({ resource, now }) => `${resource}=${formatAmount(resource, now)}`);
  const limited = exceeded.map(({ resource, limit }) => `${resource}=${limit}`);
  const figures = `requested: ${requested}, used: ${inUse}, limited: ${limited}`;
  throw forbidden(kind, name, `exceeded quota: ${metadata.name}, ${figures}`);
}

const perContainer = /^(requests\.|limits\.)?(cpu|memory|ephemeral-storage)$/;

/** Where a quota limits a resource of containers, every container has to say how much of it it wants. */
function requireAmounts(
  { verb, kind, name, object }: AdmissionRequest,
  quota: string,
  { hard }: ResourceQuotaSpec,
): void {
  if (kind !== Pod || verb !== 'create') return;
  const { containers, initContainers = [] } = (object as Pod).spec;
  const missing = Object.keys(hard ?? {})
    .sort()
    .flatMap((resource) => {
      const [, prefix, amount = ''] = perContainer.exec(resource) ?? [];
      if (!amount) return [];
      const member = prefix === 'limits.' ? 'limits' : 'requests';
      const silent = [...containers, ...initContainers].filter(({ resources }) => !resources[member]?.[amount]);
      return silent.length ? [`${resource} for: ${silent.map((container) => container.name)}`] : [];
    });
  if (missing.length) throw forbidden(kind, name, `failed quota: ${quota}: must specify ${missing.join('; ')}`);
}
