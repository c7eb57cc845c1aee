/** Volumes of pods on this machine (laid out as by kubernetes pkg/volume): directories under the kubelet's root, or paths of the host. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import { value } from '../../api/quantity.ts';
import type { EmptyDirVolumeSource, Volume } from '../../api/types/volume.ts';
import { unmountBelow } from '../../async/mounts.ts';
import type { Client } from '../../client/client.ts';
import { ConfigError } from '../config/config-error.ts';
import type { PodPlace } from '../config/downward.ts';
import { writeFiles } from './atomic-files.ts';
import { checkHostPath } from './host-path.ts';
import { mountTmpfs } from './tmpfs.ts';
import { filesOf } from './volume-files.ts';

const plugins: Partial<Record<keyof Volume, string>> = {
  emptyDir: 'empty-dir',
  secret: 'secret',
  configMap: 'configmap',
  downwardAPI: 'downward-api',
  projected: 'projected',
};
/** Plugins whose files come from the API; containers only read them. */
const ofFiles = new Set<string>(['secret', 'configMap', 'downwardAPI', 'projected']);

export class Volumes {
  readonly #client: Client;
  /** Undefined on a machine that runs nothing: volumes are checked there, and nothing is written. */
  readonly #rootDir: string | undefined;
  readonly #onDisk: Set<string>;

  constructor(client: Client, rootDir: string | undefined) {
    this.#client = client;
    this.#rootDir = rootDir;
    this.#onDisk = new Set(rootDir === undefined ? [] : podDirs(rootDir));
  }

  /** Pods that have a directory here, also those of earlier kubelets. */
  get pods(): ReadonlySet<string> {
    return this.#onDisk;
  }

  /** Throws ConfigError, naming the volume, when one cannot be had. Doing it again brings files up to date. */
  async setUp(pod: Stored<Pod>, place: PodPlace): Promise<void> {
    for (const volume of pod.spec.volumes ?? []) {
      try {
        await this.#setUp(pod, place, volume);
      } catch (error) {
        throw new ConfigError(`MountVolume.SetUp failed for volume "${volume.name}" : ${(error as Error).message}`);
      }
    }
  }

  async #setUp(pod: Stored<Pod>, place: PodPlace, volume: Volume): Promise<void> {
    const { fsGroup } = pod.spec.securityContext ?? {};
    const source = sourceOf(volume);
    if (source === 'hostPath') {
      if (this.#rootDir !== undefined) await checkHostPath(volume.hostPath!);
    } else if (source === 'emptyDir') {
      if (this.#rootDir !== undefined)
        await this.#makeEmptyDir(this.pathOf(pod, volume), { ...volume.emptyDir, fsGroup });
    } else if (ofFiles.has(source)) {
      const files = await filesOf(this.#client, { pod, place, volume });
      if (this.#rootDir !== undefined) await writeFiles(this.pathOf(pod, volume), { files, group: fsGroup });
    } else {
      throw new ConfigError(`this kubelet does not know volumes from ${source}`);
    }
  }

  async #makeEmptyDir(
    dir: string,
    { medium, sizeLimit, fsGroup }: EmptyDirVolumeSource & { fsGroup?: number | undefined },
  ) {
    await mkdir(dir, { recursive: true });
    if (medium === 'Memory' && isRoot()) await mountTmpfs(dir, sizeLimit === undefined ? undefined : value(sizeLimit));
    // Containers of any user write here; umask would narrow mkdir's mode.
    await chmod(dir, 0o777);
    if (fsGroup === undefined || !isRoot()) return;
    await chown(dir, (await stat(dir)).uid, fsGroup);
    await chmod(dir, 0o2777);
  }

  /** Where the volume is on the host. */
  pathOf(pod: Stored<Pod>, volume: Volume): string {
    if (volume.hostPath) return volume.hostPath.path;
    const plugin = plugins[sourceOf(volume)];
    return join(this.podDir(pod.metadata.uid) ?? '/', 'volumes', `kubernetes.io~${plugin}`, volume.name);
  }

  /** A directory of the pod's own, made when first asked for and removed with its volumes. */
  podDir(uid: string): string | undefined {
    if (this.#rootDir === undefined) return undefined;
    const dir = join(this.#rootDir, 'pods', uid);
    if (!this.#onDisk.has(uid)) mkdirSync(dir, { recursive: true, mode: 0o750 });
    this.#onDisk.add(uid);
    return dir;
  }

  async remove(uid: string): Promise<void> {
    if (this.#rootDir === undefined) return;
    const dir = join(this.#rootDir, 'pods', uid);
    await unmountBelow(dir);
    await rm(dir, { recursive: true, force: true });
    this.#onDisk.delete(uid);
  }
}

/** The one member besides the name; defaulting has put emptyDir where there was none. */
export function sourceOf(volume: Volume): keyof Volume {
  return (
    (Object.keys(volume) as (keyof Volume)[]).find((key) => key !== 'name' && volume[key] !== undefined) ?? 'emptyDir'
  );
}

export const isReadOnlySource = (volume: Volume) => ofFiles.has(sourceOf(volume));
export const hasFiles = (pod: Stored<Pod>) => (pod.spec.volumes ?? []).some(isReadOnlySource);
function podDirs(rootDir: string): string[] {
  const dir = join(rootDir, 'pods');
  return existsSync(dir) ? readdirSync(dir) : [];
}

const isRoot = () => process.getuid?.() === 0;
