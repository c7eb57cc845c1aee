/** Changes how many pods a replication controller keeps. */
import { ReplicationController } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { ApiError } from '../api/status.ts';
import type { Connection } from './connection.ts';
import { CliError } from './errors.ts';

export interface Resize {
  name: string;
  /** Where it is, if not where the connection works. */
  namespace?: string;
  replicas: number;
  /** Only if it keeps so many now. */
  currentReplicas?: number | undefined;
  /** Only if it has this version now. */
  resourceVersion?: string | undefined;
}

export async function resize(api: Connection, wish: Resize): Promise<Stored<ReplicationController>> {
  const { name, namespace = api.namespace, replicas, currentReplicas, resourceVersion } = wish;
  const conditional = currentReplicas !== undefined || resourceVersion !== undefined;
  for (;;) {
    const patch = {
      spec: { replicas },
      ...(conditional ? { metadata: { resourceVersion: await checked(api, wish) } } : {}),
    };
    try {
      return await api.client.patch(ReplicationController, namespace, name, patch);
    } catch (error) {
      // Something else changed it between check and patch; what was asked of it may still hold.
      const raced = error instanceof ApiError && error.reason === 'Conflict';
      if (!raced || !conditional) throw error;
    }
  }
}

/** The version that meets the conditions. */
async function checked(
  api: Connection,
  { name, namespace, currentReplicas, resourceVersion }: Resize,
): Promise<string> {
  const { spec, metadata } = await api.client.get(ReplicationController, namespace ?? api.namespace, name);
  const { replicas = 1 } = spec;
  if (currentReplicas !== undefined && replicas !== currentReplicas) {
    throw new CliError(`Expected replicas to be ${currentReplicas}, was ${replicas}`);
  }
  if (resourceVersion !== undefined && metadata.resourceVersion !== resourceVersion) {
    throw new CliError(`Expected resource version to be ${resourceVersion}, was ${metadata.resourceVersion}`);
  }
  return metadata.resourceVersion;
}
