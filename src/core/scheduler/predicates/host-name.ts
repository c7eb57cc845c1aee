import type { Predicate } from '../algorithm.ts';

/** A pod that names its node goes there only. */
export const hostName: Predicate = {
  name: 'HostName',
  misfit(pod, node) {
    return pod.nodeName === '' || pod.nodeName === node.name ? undefined : `pod asks for node ${pod.nodeName}`;
  },
};
