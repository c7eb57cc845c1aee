import type { Predicate } from '../algorithm.ts';

/** The node carries every label of the pod's nodeSelector. */
export const matchNodeSelector: Predicate = {
  name: 'MatchNodeSelector',
  misfit(pod, node) {
    const missing = pod.nodeSelector.find(([key, value]) => node.labels[key] !== value);
    return missing === undefined ? undefined : `node has no label ${missing[0]}=${missing[1]}`;
  },
};
