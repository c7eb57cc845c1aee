/** Fields of a pod that this kubelet leaves out. They are said in an event: nothing a user asks for is dropped silently. */
import type { Container } from '../../api/types/container.ts';
import type { PodSpec } from '../../api/types/pod.ts';

export function unsupportedFields(spec: PodSpec): string[] {
  const { securityContext: context = {} } = spec;
  const ofPod: Record<string, unknown> = {
    hostPID: spec.hostPID,
    hostIPC: spec.hostIPC,
    shareProcessNamespace: spec.shareProcessNamespace,
    hostUsers: spec.hostUsers === false,
    setHostnameAsFQDN: spec.setHostnameAsFQDN,
    hostnameOverride: spec.hostnameOverride,
    runtimeClassName: spec.runtimeClassName,
    imagePullSecrets: spec.imagePullSecrets?.length,
    ephemeralContainers: spec.ephemeralContainers?.length,
    'securityContext.seLinuxOptions': context.seLinuxOptions,
    'securityContext.supplementalGroups': context.supplementalGroups?.length,
    'securityContext.sysctls': context.sysctls?.length,
    'securityContext.seccompProfile': isSpecialProfile(context.seccompProfile),
    'securityContext.appArmorProfile': isSpecialProfile(context.appArmorProfile),
  };
  const inits = (spec.initContainers ?? []).flatMap((c, i) => ofContainer(c, `initContainers[${i}].`));
  const mains = spec.containers.flatMap((c, i) => ofContainer(c, `containers[${i}].`, c.restartPolicy));
  return [...set(ofPod, ''), ...inits, ...mains];
}

function ofContainer(c: Container, prefix: string, ownPolicy?: string): string[] {
  const { securityContext: context = {} } = c;
  const fields: Record<string, unknown> = {
    restartPolicy: ownPolicy,
    restartPolicyRules: c.restartPolicyRules?.length,
    volumeDevices: c.volumeDevices?.length,
    'lifecycle.stopSignal': c.lifecycle?.stopSignal,
    'volumeMounts.mountPropagation': c.volumeMounts?.some((m) => (m.mountPropagation ?? 'None') !== 'None'),
    'securityContext.seLinuxOptions': context.seLinuxOptions,
    'securityContext.allowPrivilegeEscalation': context.allowPrivilegeEscalation === false,
    'securityContext.procMount': (context.procMount ?? 'Default') !== 'Default',
    'securityContext.seccompProfile': isSpecialProfile(context.seccompProfile),
    'securityContext.appArmorProfile': isSpecialProfile(context.appArmorProfile),
  };
  return set(fields, prefix);
}

/** The engine's default profile is what every container has. */
const isSpecialProfile = (profile: { type: string } | undefined) =>
  profile !== undefined && profile.type !== 'RuntimeDefault';

const set = (fields: Record<string, unknown>, prefix: string): string[] =>
  Object.keys(fields).flatMap((name) => (fields[name] ? [`${prefix}${name}`] : []));
