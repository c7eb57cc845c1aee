import type { Predicate } from '../algorithm.ts';

/** No pod of the node uses one of the pod's GCE or AWS disks. */
export const noDiskConflict: Predicate = {
  name: 'NoDiskConflict',
  misfit(pod, node) {
    const taken = pod.disks.find((disk) => node.usesDisk(disk));
    return taken === undefined ? undefined : `disk ${taken} is in use`;
  },
};
