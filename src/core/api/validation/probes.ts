/** Probes and lifecycle hooks: what is to be run, asked or connected to. */
import type { FieldError } from '../status.ts';
import type { LifecycleHandler, Probe, ProbeHandler } from '../types/container.ts';
import { forbiddenField, invalidBecause, invalidValue, nonNegative, required } from './errors.ts';
import { portProblems } from './names.ts';
import { validatePortNumber } from './ports.ts';

/** `oneSuccess`: liveness and startup probes cannot ask for several successes. */
export function validateProbe(field: string, probe: Probe | undefined, oneSuccess: boolean): FieldError[] {
  if (!probe) return [];
  const errors = validateHandler(field, probe);
  for (const member of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.push(...nonNegative(`${field}.${member}`, probe[member]));
  }
  if (oneSuccess && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(invalidValue(`${field}.successThreshold`, probe.successThreshold, 'must be 1'));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 1) {
    errors.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  return errors;
}

/** Exactly one way, and that one complete. */
export function validateHandler(field: string, handler: ProbeHandler & LifecycleHandler): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const given = Object.entries({ exec, httpGet, tcpSocket, grpc, sleep }).filter(([, action]) => action);
  const errors = given
    .slice(1)
    .map(([name]) => forbiddenField(`${field}.${name}`, 'may not specify more than 1 handler type'));
  if (!given.length) errors.push(required(field, 'must specify a handler type'));

  if (exec && !exec.command?.length) errors.push(required(`${field}.exec.command`));
  if (httpGet) {
    if (!httpGet.path) errors.push(required(`${field}.httpGet.path`));
    errors.push(...invalidBecause(`${field}.httpGet.port`, httpGet.port, portProblems(httpGet.port)));
    for (const [i, header] of (httpGet.httpHeaders ?? []).entries()) {
      const problems = /^[-A-Za-z0-9]+$/.test(header.name)
        ? []
        : [
            "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
          ];
      errors.push(...invalidBecause(`${field}.httpGet.httpHeaders[${i}].name`, header.name, problems));
    }
  }
  if (tcpSocket)
    errors.push(...invalidBecause(`${field}.tcpSocket.port`, tcpSocket.port, portProblems(tcpSocket.port)));
  if (grpc) errors.push(...validatePortNumber(`${field}.grpc.port`, grpc.port));
  if (sleep && sleep.seconds < 0) errors.push(...nonNegative(`${field}.sleep.seconds`, sleep.seconds));
  return errors;
}
