/** Pods run as the image says: who asks for a user, a group or SELinux options is refused, as in 0.17 and since. */
import { Pod } from '../../api/kinds/index.ts';
import { forbidden } from '../../api/status.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Members of security contexts, and what the original calls them when it refuses. */
const ofContainers = { seLinuxOptions: 'SELinuxOptions', runAsUser: 'RunAsUser' };
const ofPods = { supplementalGroups: 'SupplementalGroups', ...ofContainers, fsGroup: 'FSGroup' };

export const securityContextDeny: AdmissionPlugin = {
  name: 'SecurityContextDeny',
  admit({ verb, kind, name, object }) {
    if (kind !== Pod || verb === 'delete') return;
    const { securityContext, containers, initContainers = [] } = (object as Pod).spec;
    const found =
      firstOf('pod.Spec.SecurityContext', ofPods, securityContext) ??
      [...initContainers, ...containers]
        .map((container) => firstOf('SecurityContext', ofContainers, container.securityContext))
        .find(Boolean);
    if (found) throw forbidden(Pod, name, `${found} is forbidden`);
  },
};

function firstOf(path: string, names: Readonly<Record<string, string>>, context: object = {}): string | undefined {
  const asked = Object.keys(names).find((member) => (context as Record<string, unknown>)[member] !== undefined);
  return asked && `${path}.${names[asked]}`;
}
