/** Rules for services (kubernetes validation.go ValidateService). */
import type { Stored } from '../../object.ts';
import type { FieldError } from '../../status.ts';
import type { Service, ServicePort, ServiceSpec } from '../../types/service.ts';
import { ipProblems } from '../../validation/addresses.ts';
import { duplicate, forbiddenField, invalidBecause, invalidValue, required } from '../../validation/errors.ts';
import { validateLabels } from '../../validation/labels.ts';
import { dnsLabelProblems, dnsSubdomainProblems, portProblems } from '../../validation/names.ts';
import { validatePortNumber } from '../../validation/ports.ts';

export function validateServiceSpec(spec: ServiceSpec): FieldError[] {
  const { ports = [], type, clusterIP } = spec;
  const errors = [
    ...validateLabels('spec.selector', spec.selector),
    ...validatePorts(ports),
    ...validateClusterIPs(spec),
    ...(spec.externalIPs ?? []).flatMap((ip, i) => invalidBecause(`spec.externalIPs[${i}]`, ip, ipProblems(ip))),
    ...validateAffinity(spec),
  ];
  if (!ports.length && type !== 'ExternalName' && clusterIP !== 'None') errors.push(required('spec.ports'));
  if (type === 'ExternalName') errors.push(...validateExternalName(spec.externalName ?? ''));
  if (type === 'LoadBalancer' && clusterIP === 'None') {
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services"));
  }
  if (type === 'NodePort' && clusterIP === 'None') {
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services"));
  }
  return errors;
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>();
  const numbers = new Set<string>();
  return ports.flatMap((port, i) => {
    const at = `spec.ports[${i}]`;
    const errors = validatePortNumber(`${at}.port`, port.port);
    if (port.name) {
      errors.push(...invalidBecause(`${at}.name`, port.name, dnsLabelProblems(port.name)));
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    } else if (ports.length > 1) errors.push(required(`${at}.name`));

    if (port.targetPort)
      errors.push(...invalidBecause(`${at}.targetPort`, port.targetPort, portProblems(port.targetPort)));
    if (port.nodePort) errors.push(...validatePortNumber(`${at}.nodePort`, port.nodePort));
    const number = `${port.protocol}/${port.port}`;
    if (numbers.has(number)) errors.push(duplicate(at, { port: port.port, protocol: port.protocol }));
    numbers.add(number);
    return errors;
  });
}

function validateClusterIPs({ type, clusterIP, clusterIPs = [], ports = [] }: ServiceSpec): FieldError[] {
  if (type === 'ExternalName') {
    if (!clusterIP && !clusterIPs.length) return [];
    return [forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services')];
  }
  if ((clusterIP ?? '') !== (clusterIPs[0] ?? '')) {
    return [invalidValue('spec.clusterIPs[0]', clusterIPs, 'first value must match `clusterIP`')];
  }
  const errors = clusterIPs.flatMap((ip, i) =>
    ip === 'None' || ip === '' ? [] : invalidBecause(`spec.clusterIPs[${i}]`, ip, ipProblems(ip)),
  );
  if (type === 'ClusterIP') {
    const misplaced = ports.flatMap((port, i) => (port.nodePort ? [`spec.ports[${i}].nodePort`] : []));
    errors.push(...misplaced.map((at) => forbiddenField(at, "may not be used when `type` is 'ClusterIP'")));
  }
  return errors;
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinity !== 'ClientIP') {
    if (!sessionAffinityConfig) return [];
    return [forbiddenField('spec.sessionAffinityConfig', 'must not be set when session affinity is None')];
  }
  if (seconds !== undefined && (seconds <= 0 || seconds > 86400)) {
    const detail = 'must be greater than 0 and less than 86400';
    return [invalidValue('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, detail)];
  }
  return [];
}

function validateExternalName(name: string): FieldError[] {
  if (!name) return [required('spec.externalName')];
  return invalidBecause('spec.externalName', name, dnsSubdomainProblems(name.replace(/\.$/, '')));
}

/** An address that clients may have remembered stays. */
export function validateServiceUpdate({ spec }: Service, { spec: old }: Stored<Service>): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return [];
  const before = old.clusterIPs?.[0] ?? old.clusterIP;
  const now = spec.clusterIPs?.[0] ?? spec.clusterIP;
  if (!before || before === now) return [];
  return [invalidValue('spec.clusterIPs[0]', now ?? '', 'may not change once set')];
}
