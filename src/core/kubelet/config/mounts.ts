/** What a container sees of the host: its volumeMounts, its termination log, and /etc/hosts where the pod adds to it. */
import { chmod, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import type { Container, VolumeMount } from '../../api/types/container.ts';
import type { Mount } from '../../runtime/runtime.ts';
import { isReadOnlySource, type Volumes } from '../volumes/volumes.ts';
import { ConfigError } from './config-error.ts';
import { expand } from './expand.ts';

export interface MountsInput {
  pod: Stored<Pod>;
  container: Container;
  variables: ReadonlyMap<string, string>;
  restartCount: number;
  hostname: string;
  podIP: string | undefined;
}

export async function mountsOf(
  volumes: Volumes,
  input: MountsInput,
): Promise<{ mounts: Mount[]; terminationLog?: string }> {
  const { pod, container } = input;
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) mounts.push(await volumeMount(volumes, input, mount));
  const dir = volumes.podDir(pod.metadata.uid);
  // A machine that runs nothing has neither logs nor hosts.
  if (dir === undefined) return { mounts };

  const terminationLog = await makeTerminationLog(dir, input);
  mounts.push({
    hostPath: terminationLog,
    containerPath: container.terminationMessagePath || '/dev/termination-log',
    readOnly: false,
  });
  if (pod.spec.hostAliases?.length && !pod.spec.hostNetwork) {
    const hosts = join(dir, 'etc-hosts');
    await writeFile(hosts, hostsFile(input));
    mounts.push({ hostPath: hosts, containerPath: '/etc/hosts', readOnly: false });
  }
  return { mounts, terminationLog };
}

async function volumeMount(volumes: Volumes, { pod, variables }: MountsInput, mount: VolumeMount): Promise<Mount> {
  const volume = pod.spec.volumes?.find((v) => v.name === mount.name);
  if (!volume) throw new ConfigError(`volumeMounts: the pod has no volume ${mount.name}`);
  const path = volumes.pathOf(pod, volume);
  const subPath = mount.subPathExpr ? expand(mount.subPathExpr, variables) : mount.subPath;
  const readOnly = !!mount.readOnly || isReadOnlySource(volume);
  const written = volumes.podDir(pod.metadata.uid) !== undefined;
  const hostPath = subPath && written ? await insideOf(path, subPath) : path;
  return { hostPath, containerPath: mount.mountPath, readOnly };
}

/** Made as a directory when it is not there; a link in the volume must not lead out of it. */
async function insideOf(volume: string, subPath: string): Promise<string> {
  const leaves = (path: string, root: string) => path !== root && !path.startsWith(`${root}/`);
  const wanted = join(volume, subPath);
  if (subPath.startsWith('/') || leaves(wanted, volume))
    throw new ConfigError(`subPath ${subPath}: must stay inside the volume`);
  const found = await realpath(wanted).catch(() => undefined);
  if (found === undefined) await mkdir(wanted, { recursive: true, mode: 0o750 });
  const path = found ?? (await realpath(wanted));
  if (leaves(path, await realpath(volume))) throw new ConfigError(`subPath ${subPath}: leads out of the volume`);
  return path;
}

/** One file for each instance; the one before the previous is not shown any more. */
async function makeTerminationLog(podDir: string, { container, restartCount }: MountsInput): Promise<string> {
  const dir = join(podDir, 'containers', container.name);
  await mkdir(dir, { recursive: true });
  await rm(join(dir, `termination-log.${restartCount - 2}`), { force: true });
  const file = join(dir, `termination-log.${restartCount}`);
  // The container may run as any user.
  await writeFile(file, '');
  await chmod(file, 0o666);
  return file;
}

function hostsFile({ pod, hostname, podIP }: MountsInput): string {
  const { subdomain, hostAliases = [] } = pod.spec;
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'ff02::1\tip6-allnodes',
    'ff02::2\tip6-allrouters',
    ...(podIP
      ? [`${podIP}\t${subdomain ? `${hostname}.${subdomain}.${pod.metadata.namespace}.svc\t` : ''}${hostname}`]
      : []),
    '',
    '# Entries added by HostAliases.',
    ...hostAliases.map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t')),
  ];
  return `${lines.join('\n')}\n`;
}
