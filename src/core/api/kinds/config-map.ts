/** Config maps: settings that pods read as files or variables. */
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { Description, sorted } from '../describe.ts';
import { eventsAbout } from '../describe-events.ts';
import { sameValue } from '../equal.ts';
import { defineKind } from '../kind.ts';
import type { Stored } from '../object.ts';
import type { FieldError } from '../status.ts';
import { ConfigMap as schema } from '../types/config-map.ts';
import { validateKeys, validateSize } from '../validation/data.ts';
import { forbiddenField, invalidValue } from '../validation/errors.ts';

export const ConfigMap = defineKind<schema>({
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema,

  validate,
  validateUpdate,

  columns: [
    nameColumn,
    textColumn('Data', 'How many keys there are.', ({ data = {}, binaryData = {} }) => {
      return Object.keys(data).length + Object.keys(binaryData).length;
    }),
    ageColumn,
  ],
  related: (configMap) => ({ events: eventsAbout('ConfigMap', configMap) }),
  describe,

  example: {
    metadata: { name: 'settings', namespace: 'default' },
    data: { mode: 'demo', 'app.conf': 'port = 80\nhost = web\n' },
    binaryData: { seal: 'AQID' },
  },
});
export type ConfigMap = schema;

const bytesOf = (base64: string) => Buffer.byteLength(base64, 'base64');

function validate({ data = {}, binaryData = {} }: schema): FieldError[] {
  const errors = [...validateKeys('data', data), ...validateKeys('binaryData', binaryData)];
  for (const key of Object.keys(data)) {
    if (Object.hasOwn(binaryData, key))
      errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  const texts = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const binaries = Object.values(binaryData).reduce((sum, text) => sum + bytesOf(text), 0);
  return [...errors, ...validateSize('data', texts + binaries)];
}

function validateUpdate(configMap: schema, old: Stored<schema>): FieldError[] {
  if (!old.immutable) return [];
  const frozen = 'field is immutable when `immutable` is set';
  const errors = configMap.immutable ? [] : [forbiddenField('immutable', frozen)];
  for (const member of ['data', 'binaryData'] as const) {
    if (!sameValue(configMap[member] ?? {}, old[member] ?? {})) errors.push(forbiddenField(member, frozen));
  }
  return errors;
}

function describe(configMap: Stored<schema>): string {
  const text = new Description().head(configMap).labels(0, configMap.metadata.labels);
  text.annotations(0, configMap.metadata.annotations).line(0).line(0, 'Data').line(0, '====');
  for (const [key, value] of sorted(configMap.data)) {
    text.line(0, `${key}:`).line(0, '----');
    for (const line of value.split('\n')) text.line(0, line);
    text.line(0);
  }
  text.line(0, 'BinaryData').line(0, '====');
  for (const [key, value] of sorted(configMap.binaryData)) text.line(0, `${key}: ${bytesOf(value)} bytes`);
  return text.toString();
}
