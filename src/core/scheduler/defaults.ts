/** The predicates and priorities in use: the DefaultProvider of 0.17, in its order. A new one is a file and a line here. */
import type { Policy } from './algorithm.ts';
import { hostName } from './predicates/host-name.ts';
import { matchNodeSelector } from './predicates/match-node-selector.ts';
import { noDiskConflict } from './predicates/no-disk-conflict.ts';
import { podFitsPorts } from './predicates/pod-fits-ports.ts';
import { podFitsResources } from './predicates/pod-fits-resources.ts';
import { balancedResourceAllocation } from './priorities/balanced-resource-allocation.ts';
import { leastRequested } from './priorities/least-requested.ts';
import { serviceSpreading } from './priorities/service-spreading.ts';

export const defaultPolicy: Policy = {
  predicates: [podFitsPorts, podFitsResources, noDiskConflict, matchNodeSelector, hostName],
  priorities: [leastRequested, balancedResourceAllocation, serviceSpreading],
};
