/** The files of volumes whose content comes from the API: secrets, config maps, the downward API, and several in one. */
import type { Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import type { DownwardAPIVolumeFile, KeyToPath, Volume, VolumeProjection } from '../../api/types/volume.ts';
import type { Client } from '../../client/client.ts';
import { ConfigError } from '../config/config-error.ts';
import { notThere, readData, type SourceKind } from '../config/config-maps.ts';
import { fieldFile, type PodPlace, resourceValue } from '../config/downward.ts';

export interface FileContent {
  data: Buffer;
  mode: number;
}
/** Path in the volume → content. */
export type Files = Map<string, FileContent>;

interface FilesInput {
  pod: Stored<Pod>;
  place: PodPlace;
  volume: Volume;
}

export async function filesOf(client: Client, { pod, place, volume }: FilesInput): Promise<Files> {
  const { secret, configMap, downwardAPI, projected } = volume;
  const mode = (secret ?? configMap ?? downwardAPI ?? projected)?.defaultMode ?? 0o644;
  const files: Files = new Map();
  const add = async (source: VolumeProjection) => {
    for (const [path, content] of await projectionFiles(client, { pod, place, source, mode })) files.set(path, content);
  };
  if (secret) await add({ secret: { ...secret, name: secret.secretName } });
  if (configMap) await add({ configMap });
  if (downwardAPI) await add({ downwardAPI });
  for (const source of projected?.sources ?? []) await add(source);
  return files;
}

interface ProjectionInput {
  pod: Stored<Pod>;
  place: PodPlace;
  source: VolumeProjection;
  mode: number;
}

async function projectionFiles(client: Client, { pod, place, source, mode }: ProjectionInput): Promise<Files> {
  if (source.downwardAPI) {
    const items = source.downwardAPI.items ?? [];
    return new Map(items.map((item) => [item.path, { data: downwardFile(pod, place, item), mode: item.mode ?? mode }]));
  }
  const ref = source.secret ?? source.configMap;
  if (!ref) throw new ConfigError(`this kubelet does not know projections of ${Object.keys(source).join(', ')}`);
  const kind: SourceKind = source.secret ? 'Secret' : 'ConfigMap';
  const name = ref.name ?? '';
  const data = await readData(client, { kind, namespace: pod.metadata.namespace, name });
  if (!data && !ref.optional) throw notThere(kind, name);
  return chosen(data ?? new Map(), { items: ref.items, mode, optional: !!ref.optional });
}

function downwardFile(pod: Stored<Pod>, place: PodPlace, item: DownwardAPIVolumeFile): Buffer {
  if (item.fieldRef) return Buffer.from(fieldFile(pod, place, item.fieldRef.fieldPath));
  const name = item.resourceFieldRef?.containerName;
  const container = pod.spec.containers.find((c) => c.name === name);
  if (!item.resourceFieldRef || !container) throw new ConfigError(`${item.path}: the pod has no container ${name}`);
  return Buffer.from(resourceValue(container, item.resourceFieldRef, place));
}

/** All keys under their own names, or the listed ones under theirs. */
function chosen(
  data: ReadonlyMap<string, Buffer>,
  { items, mode, optional }: { items: readonly KeyToPath[] | undefined; mode: number; optional: boolean },
): Files {
  const files: Files = new Map();
  if (!items?.length) for (const [key, bytes] of data) files.set(key, { data: bytes, mode });
  for (const item of items ?? []) {
    const bytes = data.get(item.key);
    if (bytes) files.set(item.path, { data: bytes, mode: item.mode ?? mode });
    else if (!optional) throw new ConfigError(`references non-existent key: ${item.key}`);
  }
  return files;
}
