/** Secrets and config maps as a pod uses them: keys and bytes. */
import { kindOf } from '../../api/kinds/index.ts';
import type { KubeObject } from '../../api/object.ts';
import { isNotFound } from '../../api/status.ts';
import type { Client } from '../../client/client.ts';
import { ConfigError } from './config-error.ts';

export type SourceKind = 'Secret' | 'ConfigMap';
interface WithData extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

/** Undefined when there is none. Throws ConfigError when this API has no such kind. */
export async function readData(
  client: Client,
  { kind, namespace, name }: { kind: SourceKind; namespace: string; name: string },
): Promise<Map<string, Buffer> | undefined> {
  const known = kindOf('v1', kind);
  if (!known) throw new ConfigError(`${kind} "${name}": this API has no kind ${kind}`);
  try {
    const { data = {}, binaryData = {} } = (await client.get(known, namespace, name)) as WithData;
    const encoding = kind === 'Secret' ? 'base64' : 'utf8';
    const texts = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, encoding)] as const);
    const binaries = Object.entries(binaryData).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const);
    return new Map([...texts, ...binaries]);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** `secret "x" not found`, in the kubelet's words. */
export function notThere(kind: SourceKind, name: string): ConfigError {
  return new ConfigError(`${kind.toLowerCase()} "${name}" not found`);
}
