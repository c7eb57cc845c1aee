/** Volumes of a pod and where containers mount them. */
import type { FieldError } from '../status.ts';
import type { VolumeMount } from '../types/container.ts';
import type { KeyToPath, NFSVolumeSource, Volume, VolumeSource } from '../types/volume.ts';
import { duplicate, forbiddenField, invalidBecause, invalidValue, notFoundValue, required } from './errors.ts';
import { dnsLabelProblems, fileKeyProblems } from './names.ts';

export function validateVolumes(field: string, volumes: readonly Volume[] = []): FieldError[] {
  const names = new Set<string>();
  return volumes.flatMap((volume, i) => {
    const at = `${field}[${i}]`;
    const { name, ...source } = volume;
    const errors = validateSource(at, source);
    if (!name) errors.push(required(`${at}.name`));
    else {
      errors.push(...invalidBecause(`${at}.name`, name, dnsLabelProblems(name)));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    return errors;
  });
}

function validateSource(field: string, source: VolumeSource): FieldError[] {
  const given = Object.entries(source).filter(([, value]) => value !== undefined);
  const errors = given
    .slice(1)
    .map(([name]) => forbiddenField(`${field}.${name}`, 'may not specify more than 1 volume type'));
  if (!given.length) errors.push(required(field, 'must specify a volume type'));

  const { hostPath, emptyDir, secret, configMap, downwardAPI, gitRepo, nfs, persistentVolumeClaim } = source;
  if (hostPath) errors.push(...validateHostPath(`${field}.hostPath.path`, hostPath.path));
  if (emptyDir?.sizeLimit?.startsWith('-')) {
    errors.push(forbiddenField(`${field}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  }
  if (secret) {
    if (!secret.secretName) errors.push(required(`${field}.secret.secretName`));
    errors.push(...validateFiles(`${field}.secret`, secret));
  }
  if (configMap) {
    if (!configMap.name) errors.push(required(`${field}.configMap.name`));
    errors.push(...validateFiles(`${field}.configMap`, configMap));
  }
  if (downwardAPI) errors.push(...validateMode(`${field}.downwardAPI.defaultMode`, downwardAPI.defaultMode));
  if (gitRepo && !gitRepo.repository) errors.push(required(`${field}.gitRepo.repository`));
  if (nfs) errors.push(...validateNfs(`${field}.nfs`, nfs));
  if (persistentVolumeClaim && !persistentVolumeClaim.claimName) {
    errors.push(required(`${field}.persistentVolumeClaim.claimName`));
  }
  return errors;
}

export function validateHostPath(field: string, path: string): FieldError[] {
  if (!path) return [required(field)];
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : [];
}

export function validateNfs(field: string, { server, path }: NFSVolumeSource): FieldError[] {
  const errors = server ? [] : [required(`${field}.server`)];
  if (!path) errors.push(required(`${field}.path`));
  else if (!path.startsWith('/')) errors.push(invalidValue(`${field}.path`, path, 'must be an absolute path'));
  return errors;
}

/** Keys of a secret or config map that become files. */
function validateFiles(
  field: string,
  { items = [], defaultMode }: { items?: KeyToPath[] | undefined; defaultMode?: number | undefined },
): FieldError[] {
  const errors = validateMode(`${field}.defaultMode`, defaultMode);
  for (const [i, { key, path, mode }] of items.entries()) {
    const at = `${field}.items[${i}]`;
    errors.push(...(key ? invalidBecause(`${at}.key`, key, fileKeyProblems(key)) : [required(`${at}.key`)]));
    errors.push(...(path ? validateRelativePath(`${at}.path`, path) : [required(`${at}.path`)]));
    errors.push(...validateMode(`${at}.mode`, mode));
  }
  return errors;
}

function validateMode(field: string, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

function validateRelativePath(field: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (path.startsWith('/')) errors.push(invalidValue(field, path, 'must be a relative path'));
  if (path.split('/').includes('..')) errors.push(invalidValue(field, path, "must not contain '..'"));
  return errors;
}

export function validateVolumeMounts(
  field: string,
  mounts: readonly VolumeMount[] = [],
  volumes: ReadonlySet<string>,
): FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap(({ name, mountPath, subPath }, i) => {
    const at = `${field}[${i}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    else if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    else if (paths.has(mountPath)) errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    if (subPath) errors.push(...validateRelativePath(`${at}.subPath`, subPath));
    return errors;
  });
}
