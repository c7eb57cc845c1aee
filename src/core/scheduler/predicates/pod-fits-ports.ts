import type { Predicate } from '../algorithm.ts';

/** No pod of the node uses one of the pod's host ports. Address and protocol do not count, as in 0.17. */
export const podFitsPorts: Predicate = {
  name: 'PodFitsPorts',
  misfit(pod, node) {
    const taken = pod.hostPorts.find((port) => node.usesHostPort(port));
    return taken === undefined ? undefined : `host port ${taken} is taken`;
  },
};
