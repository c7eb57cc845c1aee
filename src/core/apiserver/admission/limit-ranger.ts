/**
 * Limit ranges: what one pod, container or claim of a namespace may ask for. Containers that do not say get the defaults
 * (kubernetes plugin/pkg/admission/limitranger). Updates of pods cannot change their resources and are not asked about.
 */
import { LimitRange, PersistentVolumeClaim, Pod } from '../../api/kinds/index.ts';
import { amountsOf, podAmounts } from '../../api/quota.ts';
import { forbidden } from '../../api/status.ts';
import type { Container } from '../../api/types/container.ts';
import type { LimitRangeItem } from '../../api/types/limit-range.ts';
import { type Asked, broken } from './limits.ts';
import type { AdmissionPlugin } from './plugin.ts';

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  admit({ verb, kind, namespace = '', name, object, cache }) {
    const concerned = (kind === Pod && verb === 'create') || (kind === PersistentVolumeClaim && verb !== 'delete');
    if (!concerned) return;
    const ranges = cache.resource(LimitRange).index('namespace', ({ metadata }) => [metadata.namespace]);
    if (!ranges.has(namespace)) return;
    const items = ranges.get(namespace).flatMap((entry) => (entry.object as unknown as LimitRange).spec.limits);
    const ofType = (type: string) => items.filter((item) => item.type === type);
    const errors = kind === Pod ? admitPod(object as Pod, ofType) : admitClaim(object as PersistentVolumeClaim, ofType);
    if (!errors.length) return;
    throw forbidden(kind, name, errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
  },
};

type ItemsOfType = (type: string) => LimitRangeItem[];

function admitPod(pod: Pod, ofType: ItemsOfType): string[] {
  const { spec } = pod;
  const ofContainers = ofType('Container');
  fillIn(pod, ofContainers);
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources);
  const sums: Asked = {
    requests: podAmounts(spec, 'requests'),
    limits: podAmounts(spec, 'limits'),
  };
  return [
    ...ofContainers.flatMap((item) => containers.flatMap((resources) => broken(item, askedOf(resources)))),
    ...ofType('Pod').flatMap((item) => broken(item, sums)),
  ];
}

function admitClaim({ spec }: PersistentVolumeClaim, ofType: ItemsOfType): string[] {
  // A claim has no limits: what it asks for is what it gets.
  const { requests } = spec.resources;
  return ofType('PersistentVolumeClaim').flatMap((item) => broken(item, askedOf({ requests, limits: requests })));
}

function askedOf({ requests, limits }: Pick<Container['resources'], 'requests' | 'limits'>): Asked {
  return { requests: amountsOf(requests), limits: amountsOf(limits) };
}

/** Gives every container what it does not say, and says in an annotation what was given. */
function fillIn(pod: Pod, items: readonly LimitRangeItem[]): void {
  const limits = Object.assign({}, ...items.map((item) => item.default)) as Record<string, string>;
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest)) as Record<string, string>;
  const { containers, initContainers = [] } = pod.spec;
  const set = [
    ...containers.flatMap((container) => fillContainer(container, 'container', { limits, requests })),
    ...initContainers.flatMap((container) => fillContainer(container, 'init container', { limits, requests })),
  ];
  if (!set.length) return;
  const annotation = { 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${set.join('; ')}` };
  pod.metadata.annotations = { ...pod.metadata.annotations, ...annotation };
}

function fillContainer(
  container: Container,
  what: string,
  { limits, requests }: { limits: Record<string, string>; requests: Record<string, string> },
): string[] {
  const { resources } = container;
  const missing = (defaults: object, given: object = {}) => Object.keys(defaults).filter((name) => !(name in given));
  const [newLimits, newRequests] = [missing(limits, resources.limits), missing(requests, resources.requests)];
  if (!newLimits.length && !newRequests.length) return [];
  container.resources = {
    ...resources,
    ...(newLimits.length && { limits: { ...limits, ...resources.limits } }),
    ...(newRequests.length && { requests: { ...requests, ...resources.requests } }),
  };
  const told = (names: string[], member: string) =>
    names.length ? [`${names.sort().join(', ')} ${member} for ${what} ${container.name}`] : [];
  return [...told(newRequests, 'request'), ...told(newLimits, 'limit')];
}
