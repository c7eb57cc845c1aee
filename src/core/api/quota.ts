/**
 * What objects count against the quotas of their namespace. The API server, which admits them, and the controller, which
 * writes quotas' status, must count alike (kubernetes pkg/quota/v1/evaluator/core).
 */
import type { Kind } from './kind.ts';
import {
  ConfigMap,
  PersistentVolumeClaim,
  Pod,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
} from './kinds/index.ts';
import { qosClassOf } from './kinds/pod/qos.ts';
import type { KubeObject } from './object.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';
import { isFinished } from './states.ts';
import type { Container } from './types/container.ts';
import type { PodSpec } from './types/pod.ts';
import type { ResourceQuotaSpec } from './types/resource-quota.ts';

/** Name of a resource, such as `pods` or `requests.cpu` → billionths of a unit. */
export type Amounts = ReadonlyMap<string, bigint>;

/** What scopes of a quota ask of a pod. */
export interface Traits {
  readonly terminating: boolean;
  readonly bestEffort: boolean;
  readonly priorityClass: string;
  readonly crossNamespace: boolean;
}

export interface Measure {
  readonly amounts: Amounts;
  /** Of pods only. */
  readonly traits: Traits | undefined;
}

const one = 10n ** 9n;

type Measurer = (object: never) => Measure;
// biome-ignore lint/suspicious/noExplicitAny: kinds of all types in one map
type AnyKind = Kind<any>;

const measurers = new Map<AnyKind, Measurer>([
  [Pod, measurePod],
  [Service, measureService],
  [PersistentVolumeClaim, measureClaim],
  ...[ReplicationController, Secret, ConfigMap, ResourceQuota].map((kind): [AnyKind, Measurer] => {
    const measured = { amounts: counted(kind.plural), traits: undefined };
    return [kind, () => measured];
  }),
]);

/** The kinds that count. */
export const quotaKinds: readonly AnyKind[] = [...measurers.keys()];

/** Measures of objects out of caches, which never change. */
const known = new WeakMap<KubeObject, Measure>();

/** Undefined when objects of this kind do not count. */
export function measure(kind: AnyKind, object: KubeObject): Measure | undefined {
  const measurer = measurers.get(kind);
  if (!measurer) return undefined;
  let found = known.get(object);
  if (!found) {
    found = measurer(object as never);
    if (Object.isFrozen(object)) known.set(object, found);
  }
  return found;
}

/** Whether some kind counts under this name. */
export function isMeasured(name: string): boolean {
  const plural = name.replace(/^count\//, '').replace(/^services\.(nodeports|loadbalancers)$/, 'services');
  if (quotaKinds.some((kind) => kind.plural === plural)) return true;
  return isPlain(name) || /^(requests|limits)\./.test(name) || name.includes('.storageclass.storage.k8s.io/');
}

/** Requests that have a name without `requests.` too. */
const plain = new Set(['cpu', 'memory', 'ephemeral-storage']);
const isPlain = (name: string) => plain.has(name) || name.startsWith('hugepages-');

/** Whether an object of these traits counts against the quota. A quota with scopes is about pods only. */
export function covers({ scopes = [], scopeSelector }: ResourceQuotaSpec, traits: Traits | undefined): boolean {
  const expressions = scopeSelector?.matchExpressions ?? [];
  if (!traits) return !scopes.length && !expressions.length;
  return (
    scopes.every((scope) => inScope(scope, traits)) &&
    expressions.every(({ scopeName, operator, values = [] }) => {
      if (operator === 'In') return values.includes(traits.priorityClass);
      if (operator === 'NotIn') return !values.includes(traits.priorityClass);
      return inScope(scopeName, traits) === (operator === 'Exists');
    })
  );
}

function inScope(scope: NonNullable<ResourceQuotaSpec['scopes']>[number], traits: Traits): boolean {
  switch (scope) {
    case 'Terminating':
      return traits.terminating;
    case 'NotTerminating':
      return !traits.terminating;
    case 'BestEffort':
      return traits.bestEffort;
    case 'NotBestEffort':
      return !traits.bestEffort;
    case 'PriorityClass':
      return traits.priorityClass !== '';
    case 'CrossNamespacePodAffinity':
      return traits.crossNamespace;
    case 'VolumeAttributesClass':
      return false;
  }
}

/** Memory and storage are told in powers of two. */
export function formatAmount(name: string, nano: bigint): string {
  return formatQuantity({ nano, family: /memory|storage$|hugepages/.test(name) ? 'binary' : 'decimal' });
}

function counted(plural: string, ...more: [string, bigint][]): Amounts {
  return new Map([[plural, one], [`count/${plural}`, one], ...more]);
}

/** Pods that have ended hold nothing any more. */
function measurePod(pod: Pod): Measure {
  const { spec } = pod;
  const traits = {
    terminating: (spec.activeDeadlineSeconds ?? -1) >= 0,
    bestEffort: qosClassOf(spec) === 'BestEffort',
    priorityClass: spec.priorityClassName ?? '',
    crossNamespace: reachesOut(spec.affinity),
  };
  if (isFinished(pod)) return { amounts: new Map(), traits };
  const amounts = new Map(counted('pods'));
  for (const [name, amount] of podAmounts(spec, 'requests')) {
    amounts.set(`requests.${name}`, amount);
    if (isPlain(name)) amounts.set(name, amount);
  }
  for (const [name, amount] of podAmounts(spec, 'limits')) amounts.set(`limits.${name}`, amount);
  return { amounts, traits };
}

/** The sum of containers and sidecars, or the largest init container where that is more, and the overhead. */
export function podAmounts(spec: PodSpec, member: 'requests' | 'limits'): Map<string, bigint> {
  const { containers, initContainers = [], overhead = {} } = spec;
  const sum = new Map<string, bigint>();
  const isSidecar = ({ restartPolicy }: Container) => restartPolicy === 'Always';
  for (const container of [...containers, ...initContainers.filter(isSidecar)]) {
    for (const [name, amount] of amountsOf(container.resources[member])) sum.set(name, (sum.get(name) ?? 0n) + amount);
  }
  for (const init of initContainers) {
    for (const [name, amount] of amountsOf(init.resources[member])) {
      if (amount > (sum.get(name) ?? 0n)) sum.set(name, amount);
    }
  }
  for (const [name, amount] of amountsOf(overhead)) if (sum.has(name)) sum.set(name, sum.get(name)! + amount);
  return sum;
}

export function amountsOf(amounts: Readonly<Record<string, string>> = {}): Map<string, bigint> {
  return new Map(Object.entries(amounts).map(([name, text]) => [name, nanoOf(text)]));
}

/** 0 for what is no quantity: validation has its say later. */
export const nanoOf = (text: string): bigint => parseQuantity(text)?.nano ?? 0n;

function reachesOut(affinity: PodSpec['affinity']): boolean {
  const { podAffinity, podAntiAffinity } = affinity ?? {};
  return [podAffinity, podAntiAffinity].some((one) => {
    const required = one?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const preferred = one?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms = [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm)];
    return terms.some(({ namespaces, namespaceSelector }) => namespaces?.length || namespaceSelector);
  });
}

function measureService({ spec }: Service): Measure {
  const balanced = spec.type === 'LoadBalancer';
  const onNodes = spec.type === 'NodePort' || (balanced && spec.allocateLoadBalancerNodePorts !== false);
  const ports = onNodes ? BigInt(spec.ports?.length ?? 0) * one : 0n;
  const amounts = counted('services', ['services.nodeports', ports], ['services.loadbalancers', balanced ? one : 0n]);
  return { amounts, traits: undefined };
}

function measureClaim({ spec }: PersistentVolumeClaim): Measure {
  const storage = nanoOf(spec.resources.requests?.['storage'] ?? '0');
  const more: [string, bigint][] = [['requests.storage', storage]];
  if (spec.storageClassName) {
    const ofClass = `${spec.storageClassName}.storageclass.storage.k8s.io`;
    more.push([`${ofClass}/requests.storage`, storage], [`${ofClass}/persistentvolumeclaims`, one]);
  }
  return { amounts: counted('persistentvolumeclaims', ...more), traits: undefined };
}
