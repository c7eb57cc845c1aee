/** Containers and init containers of a pod. */
import type { FieldError } from '../status.ts';
import type { Container } from '../types/container.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { duplicate, forbiddenField, invalidBecause, invalidValue, required } from './errors.ts';
import { dnsLabelProblems } from './names.ts';
import { validateContainerPorts } from './ports.ts';
import { validateHandler, validateProbe } from './probes.ts';
import { validateResources } from './resources.ts';
import { validateVolumeMounts } from './volumes.ts';

/** `taken` holds the names of the pod's other containers, and then of these too. */
export function validateContainers(
  field: string,
  containers: readonly Container[],
  { volumes, taken, init }: { volumes: ReadonlySet<string>; taken: Set<string>; init: boolean },
): FieldError[] {
  return containers.flatMap((container, i) => {
    const at = `${field}[${i}]`;
    const errors = validateContainer(at, container, volumes);
    const { name } = container;
    if (!name) errors.push(required(`${at}.name`));
    else {
      errors.push(...invalidBecause(`${at}.name`, name, dnsLabelProblems(name)));
      if (taken.has(name)) errors.push(duplicate(`${at}.name`, name));
      taken.add(name);
    }
    errors.push(...(init ? validateInit(at, container) : validateMain(at, container)));
    return errors;
  });
}

function validateContainer(field: string, container: Container, volumes: ReadonlySet<string>): FieldError[] {
  const { image = '', lifecycle } = container;
  const errors: FieldError[] = [];
  if (image === '') errors.push(required(`${field}.image`));
  else if (image !== image.trim()) {
    errors.push(invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace'));
  }
  errors.push(
    ...validateContainerPorts(`${field}.ports`, container.ports),
    ...validateEnv(`${field}.env`, container.env),
    ...validateEnvFrom(`${field}.envFrom`, container.envFrom),
    ...validateResources(`${field}.resources`, container.resources),
    ...validateVolumeMounts(`${field}.volumeMounts`, container.volumeMounts, volumes),
    ...validateProbe(`${field}.livenessProbe`, container.livenessProbe, true),
    ...validateProbe(`${field}.readinessProbe`, container.readinessProbe, false),
    ...validateProbe(`${field}.startupProbe`, container.startupProbe, true),
  );
  if (lifecycle?.postStart) errors.push(...validateHandler(`${field}.lifecycle.postStart`, lifecycle.postStart));
  if (lifecycle?.preStop) errors.push(...validateHandler(`${field}.lifecycle.preStop`, lifecycle.preStop));
  return errors;
}

function validateMain(field: string, { restartPolicy }: Container): FieldError[] {
  return restartPolicy ? [forbiddenField(`${field}.restartPolicy`, 'may not be set for non-init containers')] : [];
}

/** Init containers end before the pod's life begins, unless they restart always (sidecars). */
function validateInit(field: string, container: Container): FieldError[] {
  if (container.restartPolicy === 'Always') return [];
  const misplaced = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).filter(
    (m) => container[m],
  );
  return misplaced.map((member) =>
    forbiddenField(`${field}.${member}`, 'may not be set for init containers without restartPolicy=Always'),
  );
}
