/** Secrets: small amounts of data that not everyone should read. */
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { Description, sorted } from '../describe.ts';
import { sameValue } from '../equal.ts';
import { defineKind } from '../kind.ts';
import type { Stored } from '../object.ts';
import { setOwn } from '../scalars.ts';
import type { FieldError } from '../status.ts';
import { Secret as schema } from '../types/secret.ts';
import { validateKeys, validateSize } from '../validation/data.ts';
import { forbiddenField, immutable, invalidValue, required } from '../validation/errors.ts';

export const Secret = defineKind<schema>({
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  schema,

  defaults(secret) {
    secret.type ||= 'Opaque';
    mergeStringData(secret);
  },
  validate: (secret) => [...validateData(secret), ...validateType(secret)],
  validateUpdate,

  selectableFields: { type: ({ type }) => type ?? '' },
  columns: [
    nameColumn,
    textColumn('Type', 'What the data is for, and so which keys it has.', ({ type }) => type ?? ''),
    textColumn('Data', 'How many keys the data has.', ({ data = {} }) => Object.keys(data).length),
    ageColumn,
  ],
  describe,

  example: {
    metadata: { name: 'database', namespace: 'default' },
    type: 'Opaque',
    data: { password: 'c2VzYW1l' },
  },
});
export type Secret = schema;

/** stringData is for writing only: it goes into data as it is, before anyone reads the secret. */
function mergeStringData(secret: schema): void {
  if (!secret.stringData) return;
  secret.data ??= {};
  for (const [key, text] of Object.entries(secret.stringData)) {
    setOwn(secret.data, key, Buffer.from(text, 'utf8').toString('base64'));
  }
  delete secret.stringData;
}

const bytesOf = (base64: string) => Buffer.byteLength(base64, 'base64');

function validateData({ data = {} }: schema): FieldError[] {
  const total = Object.values(data).reduce((sum, value) => sum + bytesOf(value), 0);
  return [...validateKeys('data', data), ...validateSize('data', total)];
}

/** The keys that well-known types promise to have. */
const requiredKeys: Record<string, readonly string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const jsonKeys = new Set(['.dockercfg', '.dockerconfigjson']);

function validateType({ type = '', data = {}, metadata }: schema): FieldError[] {
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.['kubernetes.io/service-account.name']) {
    return [required('metadata.annotations[kubernetes.io/service-account.name]')];
  }
  if (type === 'kubernetes.io/basic-auth' && !data['username'] && !data['password']) {
    return [required('data[username]'), required('data[password]')];
  }
  const keys = Object.hasOwn(requiredKeys, type) ? requiredKeys[type]! : [];
  return keys.flatMap((key) => {
    const value = data[key];
    if (value === undefined) return [required(`data[${key}]`)];
    const wrong = jsonKeys.has(key) && !isJson(Buffer.from(value, 'base64').toString('utf8'));
    return wrong ? [invalidValue(`data[${key}]`, '<secret contents redacted>', 'must be valid JSON')] : [];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function validateUpdate(secret: schema, old: Stored<schema>): FieldError[] {
  const errors = secret.type === old.type ? [] : [immutable('type', secret.type)];
  if (!old.immutable) return errors;
  const frozen = 'field is immutable when `immutable` is set';
  if (!secret.immutable) errors.push(forbiddenField('immutable', frozen));
  if (!sameValue(secret.data ?? {}, old.data ?? {})) errors.push(forbiddenField('data', frozen));
  return errors;
}

/** Sizes only: `describe` ends up in logs and on projectors. */
function describe(secret: Stored<schema>): string {
  const text = new Description().head(secret).labels(0, secret.metadata.labels);
  text.annotations(0, secret.metadata.annotations).line(0);
  text
    .line(0, 'Type:', secret.type ?? '')
    .line(0)
    .line(0, 'Data')
    .line(0, '====');
  for (const [key, value] of sorted(secret.data)) text.line(0, `${key}:`, `${bytesOf(value)} bytes`);
  return text.toString();
}
