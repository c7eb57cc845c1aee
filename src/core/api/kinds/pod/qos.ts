/** Quality of service: who goes first when a node runs short (kubernetes apis/core/v1/helper/qos). */
import { compareQuantities } from '../../quantity.ts';
import type { PodSpec, PodStatus } from '../../types/pod.ts';

/** Guaranteed: every container has limits for cpu and memory and asks for all of them. BestEffort: none asks for any. */
export function qosClassOf(spec: PodSpec): NonNullable<PodStatus['qosClass']> {
  const resources = [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.resources);
  const counted = ['cpu', 'memory'];
  const asked = (amounts: Record<string, string> = {}, name: string) => {
    const amount = amounts[name];
    return amount !== undefined && amount !== '0' ? amount : undefined;
  };
  if (resources.every((r) => counted.every((name) => !asked(r.requests, name) && !asked(r.limits, name)))) {
    return 'BestEffort';
  }
  const guaranteed = resources.every((r) =>
    counted.every((name) => {
      const limit = asked(r.limits, name);
      const request = asked(r.requests, name) ?? limit;
      return limit !== undefined && request !== undefined && compareQuantities(request, limit) === 0;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
