/**
 * From client-side to server-side apply (apiserver fieldmanager lastappliedmanager, lastappliedupdater): the manager
 * `kubectl` may take over what `kubectl apply` has written before without --server-side, and keeps its annotation up
 * to date so that one can go back.
 */
import { isObject } from '../decode-errors.ts';
import type { Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { setOwn } from '../scalars.ts';
import { decodeConfig } from './config.ts';
import { differenceOf } from './difference.ts';
import { fieldsOfConfig, ownedPart, type Writer } from './entries.ts';
import { difference, type FieldSet, union } from './fields.ts';
import { rootOf } from './places.ts';

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

export function mayTakeOver({ manager, subresource }: Writer, live: KubeObject): boolean {
  return manager === 'kubectl' && !subresource && live.metadata.annotations?.[lastAppliedAnnotation] !== undefined;
}

/** The fields that still have the values of the last client-side apply. */
export function lastAppliedFields(kind: Kind, live: KubeObject): FieldSet | undefined {
  try {
    const text = live.metadata.annotations?.[lastAppliedAnnotation] ?? '';
    const last = decodeConfig(kind, JSON.parse(text), { strict: false });
    const parts = [ownedPart(kind, last, 'main'), ownedPart(kind, live, 'main')] as const;
    const { changed, removed } = differenceOf(rootOf(kind.schema), ...parts);
    return difference(fieldsOfConfig(kind, last, 'main'), union(changed, removed));
  } catch {
    // Users can write anything into an annotation.
    return undefined;
  }
}

/** `object` with the annotation that client-side apply of `config` would have left. */
export function withLastApplied(object: KubeObject, config: KubeObject): KubeObject {
  const { annotations: { [lastAppliedAnnotation]: _, ...annotations } = {}, ...metadata } = config.metadata;
  const applied = { ...config, metadata: { ...metadata, annotations } };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, [lastAppliedAnnotation]: `${JSON.stringify(sorted(applied))}\n` },
    },
  };
}

/** Names in order, as kubectl writes the annotation: it compares texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) setOwn(out, name, sorted(value[name]));
  return out;
}
