/** JSON and YAML as kubectl prints them: keys sorted, the bookkeeping of managedFields left out. */

/** A copy with the keys of all maps in order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([k, v]) => [k, sortKeys(v)]));
}

function withoutManagedFields(object: object): object {
  const items = (object as { items?: unknown }).items;
  if (Array.isArray(items)) return { ...object, items: items.map(withoutManagedFields) };
  const { metadata } = object as { metadata?: object };
  if (!metadata || !('managedFields' in metadata)) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

export function toJson(object: object): string {
  return `${JSON.stringify(sortKeys(withoutManagedFields(object)), null, 4)}\n`;
}

/** For `-o yaml`; the library is loaded only then. */
export async function yamlPrinter(): Promise<(object: object) => string> {
  const { stringify } = await import('yaml');
  // Strings that YAML 1.1 readers would take for something else (`on`, `0777`) are quoted; long lines stay whole.
  const options = { version: '1.1', lineWidth: 0, indentSeq: false } as const;
  return (object) => stringify(sortKeys(withoutManagedFields(object)), options);
}

/** For verbs whose `-o` knows these two only. */
export async function printStructured(value: object, format: 'json' | 'yaml'): Promise<string> {
  return format === 'json' ? toJson(value) : (await yamlPrinter())(value);
}

/** Several objects as one, as `get -o json` of a list answers them. */
export function listOf(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
}
