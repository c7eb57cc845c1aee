/** `describe` of a pod, in the order of kubectl. */
import { Description, describeTime, pairs } from '../../describe.ts';
import type { Stored } from '../../object.ts';
import type { Pod, Toleration } from '../../types/pod.ts';
import { describeContainers } from './describe-containers.ts';
import { describeVolumes } from './describe-volumes.ts';

export function describePod(pod: Stored<Pod>): string {
  const { spec, status } = pod;
  const text = new Description();
  describeHead(text, pod);
  if (spec.initContainers) {
    describeContainers(text, 0, 'Init Containers', spec.initContainers, status.initContainerStatuses ?? []);
  }
  describeContainers(text, 0, 'Containers', spec.containers, status.containerStatuses ?? []);
  if (status.conditions?.length) {
    text.line(0, 'Conditions:').line(1, 'Type', 'Status');
    for (const condition of status.conditions) text.line(1, condition.type, condition.status);
  }
  describeVolumes(text, 0, spec.volumes);
  text.line(0, 'QoS Class:', status.qosClass ?? '<unset>');
  text.values(0, 'Node-Selectors', pairs(spec.nodeSelector, '='));
  text.values(0, 'Tolerations', (spec.tolerations ?? []).map(tolerationText));
  return text.toString();
}

function describeHead(text: Description, pod: Stored<Pod>): void {
  const { metadata, spec, status } = pod;
  text.head(pod).line(0, 'Priority:', spec.priority ?? 0);
  if (spec.serviceAccountName) text.line(0, 'Service Account:', spec.serviceAccountName);
  text.line(0, 'Node:', spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>');
  if (status.startTime) text.line(0, 'Start Time:', describeTime(status.startTime));
  text.labels(0, metadata.labels).annotations(0, metadata.annotations);
  if (metadata.deletionTimestamp) {
    text.line(0, 'Status:', `Terminating (until ${describeTime(metadata.deletionTimestamp)})`);
    text.line(0, 'Termination Grace Period:', `${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else text.line(0, 'Status:', status.phase ?? '');
  if (status.reason) text.line(0, 'Reason:', status.reason);
  if (status.message) text.line(0, 'Message:', status.message);
  text.line(0, 'IP:', status.podIP ?? '').line(0, 'IPs:', ...(status.podIPs?.length ? [] : ['<none>']));
  for (const { ip } of status.podIPs ?? []) text.line(1, 'IP:', ip);
  const controller = metadata.ownerReferences?.find((owner) => owner.controller);
  if (controller) text.line(0, 'Controlled By:', `${controller.kind}/${controller.name}`);
}

/** `key=value:NoExecute for 300s`; what is left out tolerates everything of its kind. */
function tolerationText({ key = '', operator, value, effect, tolerationSeconds }: Toleration): string {
  let text = value ? `${key}=${value}` : key;
  if (effect) text += `:${effect}`;
  if (operator === 'Exists') text += ' op=Exists';
  if (tolerationSeconds !== undefined) text += ` for ${tolerationSeconds}s`;
  return text.trim();
}
