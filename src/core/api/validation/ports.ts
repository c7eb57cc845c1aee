/** Ports of containers. */
import type { FieldError } from '../status.ts';
import type { Container, ContainerPort } from '../types/container.ts';
import { duplicate, invalidBecause, required } from './errors.ts';
import { portNameProblems, portNumberProblems } from './names.ts';

export function validateContainerPorts(field: string, ports: readonly ContainerPort[] = []): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const at = `${field}[${i}]`;
    const errors: FieldError[] = [];
    if (port.name) {
      errors.push(...invalidBecause(`${at}.name`, port.name, portNameProblems(port.name)));
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (port.containerPort === 0) errors.push(required(`${at}.containerPort`));
    else errors.push(...validatePortNumber(`${at}.containerPort`, port.containerPort));
    if (port.hostPort) errors.push(...validatePortNumber(`${at}.hostPort`, port.hostPort));
    return errors;
  });
}

export const validatePortNumber = (field: string, port: number) =>
  invalidBecause(field, port, portNumberProblems(port));

/** Two containers of a pod cannot have the same port of the host. */
export function validateHostPortsUnique(field: string, containers: readonly Container[]): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap((container, i) =>
    (container.ports ?? []).flatMap((port, j) => {
      if (!port.hostPort) return [];
      const id = `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (taken.has(id)) return [duplicate(`${field}[${i}].ports[${j}].hostPort`, id)];
      taken.add(id);
      return [];
    }),
  );
}
