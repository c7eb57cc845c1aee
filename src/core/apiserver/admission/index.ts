/** The admission plug-ins, in the order in which they are asked. */
import type { Random } from '../../async/random.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodePorts } from './node-ports.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { serviceAddresses } from './service-addresses.ts';

export function admissionPlugins({ portalNet, random }: { portalNet: string; random: Random }): AdmissionPlugin[] {
  return [namespaceLifecycle, serviceAddresses(portalNet, random), nodePorts(random)];
}
