/** Volumes in `describe`. */
import type { Description } from '../../describe.ts';
import type { Volume } from '../../types/volume.ts';

export function describeVolumes(text: Description, level: number, volumes: readonly Volume[] = []): void {
  text.line(level, 'Volumes:', ...(volumes.length ? [] : ['<none>']));
  for (const volume of volumes) {
    text.line(level + 1, `${volume.name}:`);
    for (const [key, value] of volumeLines(volume)) text.line(level + 2, `${key}:`, value);
  }
}

/** The volumes a kubelet of ours can mount in full, any other by its name. */
export function volumeLines(volume: Partial<Volume>): [string, string][] {
  const { hostPath, emptyDir, secret, configMap, gitRepo, nfs, persistentVolumeClaim } = volume;
  if (hostPath) {
    return [
      ['Type', 'HostPath (bare host directory volume)'],
      ['Path', hostPath.path],
      ['HostPathType', hostPath.type ?? ''],
    ];
  }
  if (emptyDir) {
    return [
      ['Type', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
      ['Medium', emptyDir.medium ?? ''],
      ['SizeLimit', emptyDir.sizeLimit ?? '<unset>'],
    ];
  }
  if (secret) return named('Secret (a volume populated by a Secret)', 'SecretName', secret.secretName, secret.optional);
  if (configMap) {
    return named('ConfigMap (a volume populated by a ConfigMap)', 'Name', configMap.name, configMap.optional);
  }
  if (gitRepo) {
    return [
      ['Type', 'GitRepo (a volume that is pulled from git when the pod is created)'],
      ['Repository', gitRepo.repository],
      ['Revision', gitRepo.revision ?? ''],
    ];
  }
  if (nfs) {
    return [
      ['Type', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
      ['Server', nfs.server],
      ['Path', nfs.path],
      ['ReadOnly', `${nfs.readOnly ?? false}`],
    ];
  }
  if (persistentVolumeClaim) {
    return [
      ['Type', 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)'],
      ['ClaimName', persistentVolumeClaim.claimName],
      ['ReadOnly', `${persistentVolumeClaim.readOnly ?? false}`],
    ];
  }
  return [['Type', Object.keys(volume).find((key) => key !== 'name') ?? '<unknown>']];
}

function named(type: string, key: string, name = '', optional = false): [string, string][] {
  return [
    ['Type', type],
    [key, name],
    ['Optional', `${optional}`],
  ];
}
