/** The spec of a pod, or of a template of pods. */
import type { FieldError } from '../status.ts';
import type { PodSpec } from '../types/pod.ts';
import { ipProblems } from './addresses.ts';
import { validateContainers } from './containers.ts';
import { invalidBecause, invalidValue, nonNegative, required } from './errors.ts';
import { dnsLabelProblems, dnsSubdomainProblems } from './names.ts';
import { validateHostPortsUnique } from './ports.ts';
import { validateScheduling } from './scheduling.ts';
import { validateVolumes } from './volumes.ts';

/** `field` is `spec`, or `spec.template.spec`. */
export function validatePodSpec(field: string, spec: PodSpec): FieldError[] {
  const volumes = new Set((spec.volumes ?? []).map((volume) => volume.name));
  const taken = new Set<string>();
  const errors = validateVolumes(`${field}.volumes`, spec.volumes);
  if (!spec.containers.length) errors.push(required(`${field}.containers`));
  return [
    ...errors,
    ...validateContainers(`${field}.containers`, spec.containers, { volumes, taken, init: false }),
    ...validateContainers(`${field}.initContainers`, spec.initContainers ?? [], { volumes, taken, init: true }),
    ...validateHostPortsUnique(`${field}.containers`, spec.containers),
    ...validateHostNetwork(`${field}.containers`, spec),
    ...validateDeadlines(field, spec),
    ...validateNames(field, spec),
    ...validateDns(field, spec),
    ...validateScheduling(field, spec),
  ];
}

function validateHostNetwork(field: string, spec: PodSpec): FieldError[] {
  if (!spec.hostNetwork) return [];
  return spec.containers.flatMap((container, i) =>
    (container.ports ?? []).flatMap((port, j) =>
      port.hostPort === port.containerPort
        ? []
        : [
            invalidValue(
              `${field}[${i}].ports[${j}].containerPort`,
              port.containerPort,
              'must match `hostPort` when `hostNetwork` is true',
            ),
          ],
    ),
  );
}

function validateDeadlines(field: string, spec: PodSpec): FieldError[] {
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec;
  const errors = nonNegative(`${field}.terminationGracePeriodSeconds`, grace);
  if (deadline !== undefined && (deadline < 1 || deadline > 2 ** 31 - 1)) {
    const detail = 'must be between 1 and 2147483647, inclusive';
    errors.push(invalidValue(`${field}.activeDeadlineSeconds`, deadline, detail));
  }
  return errors;
}

function validateNames(field: string, spec: PodSpec): FieldError[] {
  const { hostname, subdomain, serviceAccountName, hostAliases = [], imagePullSecrets = [] } = spec;
  const errors: FieldError[] = [];
  if (hostname) errors.push(...invalidBecause(`${field}.hostname`, hostname, dnsLabelProblems(hostname)));
  if (subdomain) errors.push(...invalidBecause(`${field}.subdomain`, subdomain, dnsLabelProblems(subdomain)));
  if (serviceAccountName) {
    const problems = dnsSubdomainProblems(serviceAccountName);
    errors.push(...invalidBecause(`${field}.serviceAccountName`, serviceAccountName, problems));
  }
  for (const [i, { name }] of imagePullSecrets.entries()) {
    if (!name) errors.push(required(`${field}.imagePullSecrets[${i}].name`));
  }
  for (const [i, { ip, hostnames = [] }] of hostAliases.entries()) {
    errors.push(...invalidBecause(`${field}.hostAliases[${i}].ip`, ip, ipProblems(ip)));
    for (const [j, name] of hostnames.entries()) {
      errors.push(...invalidBecause(`${field}.hostAliases[${i}].hostnames[${j}]`, name, dnsSubdomainProblems(name)));
    }
  }
  return errors;
}

/** The resolver of the C library reads three name servers (resolv.conf(5)); the original allows 32 search paths. */
function validateDns(field: string, { dnsPolicy, dnsConfig }: PodSpec): FieldError[] {
  const { nameservers = [], searches = [] } = dnsConfig ?? {};
  const at = `${field}.dnsConfig.nameservers`;
  const errors = nameservers.flatMap((ip, i) => invalidBecause(`${at}[${i}]`, ip, ipProblems(ip)));
  if (dnsPolicy === 'None' && !nameservers.length) {
    errors.push(required(at, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
  }
  if (nameservers.length > 3) errors.push(invalidValue(at, nameservers, 'must not have more than 3 nameservers'));
  if (searches.length > 32) {
    errors.push(invalidValue(`${field}.dnsConfig.searches`, searches, 'must not have more than 32 search paths'));
  }
  return errors;
}
