/** Secrets and config maps as a pod uses them: keys and bytes. */
import { ConfigMap, Secret } from '../../api/kinds/index.ts';
import { isNotFound } from '../../api/status.ts';
import type { Client } from '../../client/client.ts';
import { ConfigError } from './config-error.ts';

export type SourceKind = 'Secret' | 'ConfigMap';

/** Undefined when there is none. */
export async function readData(
  client: Client,
  { kind, namespace, name }: { kind: SourceKind; namespace: string; name: string },
): Promise<Map<string, Buffer> | undefined> {
  try {
    if (kind === 'Secret') return decoded((await client.get(Secret, namespace, name)).data, 'base64');
    const { data, binaryData } = await client.get(ConfigMap, namespace, name);
    return new Map([...decoded(data, 'utf8'), ...decoded(binaryData, 'base64')]);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function decoded(data: Record<string, string> = {}, encoding: BufferEncoding): Map<string, Buffer> {
  return new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, encoding)]));
}

/** `secret "x" not found`, in the kubelet's words. */
export function notThere(kind: SourceKind, name: string): ConfigError {
  return new ConfigError(`${kind.toLowerCase()} "${name}" not found`);
}
