/** How many pods of each service every node runs; what ServiceSpreadingPriority spreads by. */
import type { Service } from '../api/kinds/index.ts';
import { keyOf, type Stored } from '../api/object.ts';
import { bump } from './node-state.ts';
import type { PodRequirements } from './requirements.ts';

interface Counted {
  readonly key: string;
  readonly namespace: string;
  readonly selector: readonly (readonly [key: string, value: string])[];
  /** Node name → pods. */
  readonly perNode: Map<string, number>;
}
export type PodsPerNode = ReadonlyMap<string, number>;
const none: PodsPerNode = new Map();

type Placed = Pick<PodRequirements, 'namespace' | 'labels'>;

export class ServicePods {
  readonly #services = new Map<string, Counted>();
  /** Services by namespace and first pair of their selector, so that a pod looks at few of them. */
  readonly #byPair = new Map<string, Set<Counted>>();

  /** `pods` are those on nodes, with the name of their node. */
  setService(service: Stored<Service>, pods: Iterable<[Placed, node: string]>): void {
    const selector = Object.entries(service.spec.selector ?? {});
    const known = this.#services.get(keyOf(service));
    if (known && sameSelector(known.selector, selector)) return;
    this.removeService(service);
    const [first] = selector;
    // A service without a selector has its endpoints written by hand: no pod is its pod.
    if (!first) return;

    const { namespace } = service.metadata;
    const counted: Counted = { key: keyOf(service), namespace, selector, perNode: new Map() };
    for (const [pod, node] of pods) if (selects(counted, pod)) bump(counted.perNode, node, 1);
    this.#services.set(counted.key, counted);
    const pair = pairKey(namespace, ...first);
    const bucket = this.#byPair.get(pair);
    if (bucket) bucket.add(counted);
    else this.#byPair.set(pair, new Set([counted]));
  }

  removeService(service: Stored<Service>): void {
    const counted = this.#services.get(keyOf(service));
    if (!counted) return;
    this.#services.delete(counted.key);
    const pair = pairKey(counted.namespace, ...counted.selector[0]!);
    const bucket = this.#byPair.get(pair)!;
    bucket.delete(counted);
    if (bucket.size === 0) this.#byPair.delete(pair);
  }

  count(pod: Placed, node: string, by: 1 | -1): void {
    for (const service of this.#servicesOf(pod)) bump(service.perNode, node, by);
  }

  /** Pods per node of the pod's first service (by name: 0.17 took whichever its map gave first). */
  of(pod: Placed): PodsPerNode {
    let first: Counted | undefined;
    for (const service of this.#servicesOf(pod)) if (!first || service.key < first.key) first = service;
    return first?.perNode ?? none;
  }

  *#servicesOf(pod: Placed): Generator<Counted> {
    if (this.#services.size === 0) return;
    for (const key in pod.labels) {
      const bucket = this.#byPair.get(pairKey(pod.namespace, key, pod.labels[key]!));
      if (bucket) for (const service of bucket) if (selects(service, pod)) yield service;
    }
  }
}

const pairKey = (namespace: string, key: string, value: string) => `${namespace}/${key}=${value}`;

function selects({ namespace, selector }: Counted, pod: Placed): boolean {
  return namespace === pod.namespace && selector.every(([key, value]) => pod.labels[key] === value);
}

function sameSelector(a: Counted['selector'], b: Counted['selector']): boolean {
  return a.length === b.length && a.every(([key, value], i) => key === b[i]?.[0] && value === b[i]?.[1]);
}
