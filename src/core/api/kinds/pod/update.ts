/** What an update of a pod may change (kubernetes validation.go ValidatePodUpdate): nearly nothing of the spec. */
import { firstDifference, sameValue } from '../../equal.ts';
import type { Stored } from '../../object.ts';
import type { FieldError } from '../../status.ts';
import type { Container } from '../../types/container.ts';
import type { Pod, PodSpec } from '../../types/pod.ts';
import { forbiddenField, invalidValue } from '../../validation/errors.ts';

const onlyThese =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function validatePodUpdate({ spec }: Pod, { spec: old }: Stored<Pod>): FieldError[] {
  const counts = (s: PodSpec) => [s.containers.length, s.initContainers?.length ?? 0];
  if (!sameValue(counts(spec), counts(old))) {
    return [forbiddenField('spec.containers', 'pod updates may not add or remove containers')];
  }
  const errors = validateDeadline(spec.activeDeadlineSeconds, old.activeDeadlineSeconds);

  const changed = firstDifference(withAllowedOf(spec, old), old);
  if (changed !== undefined) errors.push(forbiddenField('spec', `${onlyThese}; this update changes spec${changed}`));
  return errors;
}

/** `spec` with everything that may change set back to what it was. */
function withAllowedOf(spec: PodSpec, old: PodSpec): PodSpec {
  const oldImages = (now: Container[] = [], then: Container[] = []) =>
    now.map((container, i) => ({ ...container, image: then[i]?.image }));
  return {
    ...spec,
    containers: oldImages(spec.containers, old.containers),
    initContainers: spec.initContainers && oldImages(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: keepsAll(spec.tolerations, old.tolerations) ? old.tolerations : spec.tolerations,
    schedulingGates: keepsAll(old.schedulingGates, spec.schedulingGates) ? old.schedulingGates : spec.schedulingGates,
    terminationGracePeriodSeconds:
      (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1
        ? old.terminationGracePeriodSeconds
        : spec.terminationGracePeriodSeconds,
  };
}

/** Every element of `part` is one of `whole`. */
const keepsAll = (whole: readonly object[] = [], part: readonly object[] = []) =>
  part.every((one) => whole.some((other) => sameValue(one, other)));

function validateDeadline(deadline: number | undefined, old: number | undefined): FieldError[] {
  if (old === undefined || deadline === old) return [];
  const field = 'spec.activeDeadlineSeconds';
  if (deadline === undefined)
    return [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  if (deadline > old) return [invalidValue(field, deadline, 'must be less than or equal to previous value')];
  return [];
}
