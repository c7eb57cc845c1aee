/** Endpoints: for each service with a selector, the addresses and ports of its pods. */
import { sameValue } from '../api/equal.ts';
import { Endpoints, Pod, Service } from '../api/kinds/index.ts';
import { type Draft, keyOf, type Stored, splitKey } from '../api/object.ts';
import type { EndpointSubset } from '../api/types/service.ts';
import type { Controller, Plan } from '../reconcile/controller.ts';
import { type ControllerDeps, joined } from './deps.ts';
import { podIndexers, podsSelectedBy, selecting, selectorIndexers } from './pods.ts';
import { subsetsOf } from './subsets.ts';

export type EndpointsStep =
  | { type: 'create'; reason: string; endpoints: Draft<Endpoints> }
  | { type: 'update'; reason: string; endpoints: Draft<Endpoints> }
  | { type: 'delete'; reason: string };

/** As in 0.17. */
const resyncEveryMs = 30_000;
const workers = 5;
/** Marks what this controller wrote, so that it deletes no Endpoints made by hand for a service to come. */
const managedBy = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
const headless = { 'service.kubernetes.io/headless': '' };

/**
 * Changes of pods wait so long for each address there is: each change writes all addresses anew, and thousands of pods
 * that become ready one after the other must not cost the square of that. Three pods wait for nothing.
 */
const delayPerAddressMs = 0.2;

export function planEndpoints(
  service: Stored<Service> | undefined,
  pods: Iterable<Stored<Pod>>,
  observed: Stored<Endpoints> | undefined,
): Plan<EndpointsStep> {
  if (!service) {
    return { steps: observed && isManaged(observed) ? [{ type: 'delete', reason: 'the service is gone' }] : [] };
  }
  const { spec } = service;
  // Without a selector the endpoints are written by hand; an ExternalName is another name and has none.
  if (Object.keys(spec.selector ?? {}).length === 0 || spec.type === 'ExternalName') return { steps: [] };

  const subsets = subsetsOf(service, pods);
  const labels = { ...service.metadata.labels, ...managedBy, ...(spec.clusterIP === 'None' && headless) };
  const { namespace, name } = service.metadata;
  const reason = summary(subsets);
  if (!observed) {
    const endpoints = { kind: 'Endpoints', apiVersion: 'v1', metadata: { namespace, name, labels }, subsets };
    return { steps: [{ type: 'create', reason, endpoints }] };
  }
  const same = sameValue([observed.metadata.labels ?? {}, observed.subsets ?? []], [labels, subsets]);
  if (same) return { steps: [] };
  const endpoints = { ...observed, metadata: { ...observed.metadata, labels }, subsets };
  return { steps: [{ type: 'update', reason, endpoints }] };
}

const isManaged = ({ metadata }: Stored<Endpoints>) =>
  Object.entries(managedBy).every(([key, value]) => metadata.labels?.[key] === value);

function summary(subsets: readonly EndpointSubset[]): string {
  return `${count(subsets, 'addresses')} addresses ready, ${count(subsets, 'notReadyAddresses')} not ready`;
}

function count(subsets: readonly EndpointSubset[], list: 'addresses' | 'notReadyAddresses'): number {
  return subsets.reduce((n, subset) => n + (subset[list]?.length ?? 0), 0);
}

export function endpointsController({ client, informers }: ControllerDeps): Controller<EndpointsStep> {
  const services = informers.for(Service, { indexers: selectorIndexers });
  const pods = informers.for(Pod, { indexers: podIndexers });
  const endpoints = informers.for(Endpoints);

  const delayFor = (key: string): number => {
    const { namespace, name } = splitKey(key);
    const subsets = endpoints.get(namespace, name)?.subsets ?? [];
    return Math.floor((count(subsets, 'addresses') + count(subsets, 'notReadyAddresses')) * delayPerAddressMs);
  };

  return {
    name: 'endpoints',
    workers,
    resyncEveryMs,
    synced: () => Promise.all([services.synced(), pods.synced(), endpoints.synced()]),
    keys: () => Array.from(services.list(), keyOf),
    watch(enqueue) {
      const enqueueServicesOf = (pod: Stored<Pod>) => {
        for (const service of selecting(services, pod)) enqueue(keyOf(service), delayFor(keyOf(service)));
      };
      return joined(
        services.subscribe(({ object }) => enqueue(keyOf(object))),
        endpoints.subscribe(({ object }) => enqueue(keyOf(object))),
        pods.subscribe(({ object, old }) => {
          enqueueServicesOf(object);
          if (old && !sameValue(old.metadata.labels, object.metadata.labels)) enqueueServicesOf(old);
        }),
      );
    },
    plan(key) {
      const { namespace, name } = splitKey(key);
      const service = services.get(namespace, name);
      const selected = service ? podsSelectedBy(pods, namespace, service.spec.selector) : [];
      return planEndpoints(service, selected, endpoints.get(namespace, name));
    },
    execute: {
      async create({ endpoints }) {
        await client.create(Endpoints, endpoints);
      },
      async update({ endpoints }) {
        await client.update(Endpoints, endpoints);
      },
      async delete(_step, key) {
        const { namespace, name } = splitKey(key);
        await client.delete(Endpoints, namespace, name);
      },
    },
  };
}
