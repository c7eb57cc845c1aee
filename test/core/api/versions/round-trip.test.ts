/** v1 → old version → v1 loses what lost.ts lists, and nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeObject } from '../../../../src/core/api/decode.ts';
import type { Kind } from '../../../../src/core/api/kind.ts';
import { kinds } from '../../../../src/core/api/kinds/index.ts';
import { parseQuantity } from '../../../../src/core/api/quantity.ts';
import type { AnySchema } from '../../../../src/core/api/schema.ts';
import {
  decodeObject as decodeOlder,
  encodeObject,
  isInline,
  type OlderVersion,
  olderVersions,
  overlay,
  pluralsOf,
  resourceOf,
} from '../../../../src/core/api/versions/index.ts';
import { changedValues, lostFields } from '../../../../src/core/api/versions/lost.ts';
import { fullObject, type Json, randomObject } from './random-object.ts';

const older = kinds.filter(({ plural }) => resourceOf(plural));

for (const version of olderVersions) {
  for (const kind of older.filter(({ plural }) => pluralsOf(resourceOf(plural)!, version).length)) {
    describe(`${kind.kind} in ${version}`, () => {
      test('loses the listed fields and no other', () => {
        fc.assert(
          fc.property(fc.integer(), (seed) => {
            const object = canonical(kind, randomObject(kind.schema, seed));
            const kept = structuredClone(object);
            for (const path of lostFields(version, kind.kind)) remove(kept, path.split('.'));
            change(version, kept);

            const back = thereAndBack(version, kind, object);

            assert.deepEqual(comparable(version, kind, back), comparable(version, kind, canonical(kind, kept)));
          }),
          { numRuns: 30 },
        );
      });

      test('each listed field exists, and is lost', () => {
        const full = fullObject(kind.schema) as Json;
        Object.assign(full['metadata'] as Json, { name: 'x', resourceVersion: '7' });
        const back = through(version, kind, full);
        for (const path of lostFields(version, kind.kind)) {
          assert.notEqual(find(full, path.split('.')), undefined, `${path} exists`);
          assert.equal(find(back, path.split('.')), undefined, path);
        }
      });

      test('what is put back unchanged changes nothing', () => {
        fc.assert(
          fc.property(fc.integer(), (seed) => {
            const stored = canonical(kind, randomObject(kind.schema, seed));
            const seen = thereAndBack(version, kind, stored);
            assert.equal(overlay(thereAndBack(version, kind, stored), seen, stored), stored);
          }),
          { numRuns: 10 },
        );
      });
    });
  }
}

function canonical(kind: Kind, object: Json): Json {
  const typed = { ...object, kind: kind.kind, apiVersion: kind.apiVersion };
  return JSON.parse(JSON.stringify(decodeObject(kind, typed, 'Ignore').object));
}

/** Through the bytes of a body. */
function through(version: OlderVersion, kind: Kind, object: Json): Json {
  const resource = resourceOf(kind.plural)!;
  const body = JSON.parse(JSON.stringify(encodeObject(version, resource, object)));
  return JSON.parse(JSON.stringify(decodeOlder(version, resource, body)));
}

const thereAndBack = (version: OlderVersion, kind: Kind, object: Json) =>
  canonical(kind, through(version, kind, object));

/** The changes of `changedValues`, amounts apart. */
const changes: Record<string, (version: OlderVersion, object: Json) => void> = {
  Service(_version, { spec }) {
    const { type } = spec as { type?: string };
    if (type !== 'LoadBalancer') delete (spec as Json)['type'];
  },
  ReplicationController(_version, { spec }) {
    (spec as Json)['replicas'] ??= 0;
  },
  Node(_version, { metadata, spec }) {
    (spec as Json)['externalID'] ??= (metadata as Json)['name'];
  },
  Binding(version, { target }) {
    if (isInline(version)) (target as Json)['kind'] = 'Node';
  },
};

function change(version: OlderVersion, object: Json): void {
  changes[object['kind'] as string]?.(version, object);
  for (const container of containersIn(object)) {
    const { image } = container as { image?: string };
    if (image && !/[:@]/.test(image.slice(image.lastIndexOf('/')))) container['imagePullPolicy'] ??= 'IfNotPresent';
  }
}

function containersIn(value: unknown, name = ''): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return name === 'containers' ? (value as Json[]) : [];
  return Object.entries(value).flatMap(([key, below]) => containersIn(below, key));
}

test('each listed change is tried', () => {
  const kindsThatChange = new Set(changedValues.map(({ kind }) => kind).filter((kind) => kind !== '*'));
  assert.deepEqual([...kindsThatChange].sort(), Object.keys(changes).sort());
});

/** Amounts as numbers of what the version counts in; the rest as it is. */
function comparable(version: OlderVersion, kind: Kind, object: Json): unknown {
  const walk = (schema: AnySchema | undefined, value: unknown, name: string): unknown => {
    if (typeof value !== 'object' || value === null) {
      return schema?.type === 'string' && schema.format === 'quantity' ? amount(version, name, value) : value;
    }
    if (Array.isArray(value)) return value.map((v) => walk(schema?.type === 'list' ? schema.items : undefined, v, ''));
    const below = (key: string) => {
      if (schema?.type === 'struct') return schema.fields[key]?.schema;
      return schema?.type === 'map' ? schema.values : undefined;
    };
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, walk(below(key), v, key)]));
  };
  return walk(kind.schema, object, '');
}

function amount(version: OlderVersion, name: string, value: unknown): unknown {
  const quantity = parseQuantity(String(value));
  if (!quantity || !isInline(version)) return value;
  const counted = name === 'cpu' ? 10n ** 6n : 10n ** 9n;
  return (quantity.nano + counted - 1n) / counted;
}

function remove(value: unknown, [step = '', ...rest]: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  const isList = step.endsWith('[]');
  const name = isList ? step.slice(0, -2) : step;
  const member = (value as Json)[name];
  if (rest.length === 0) delete (value as Json)[name];
  else if (isList) for (const item of (member ?? []) as unknown[]) remove(item, rest);
  else remove(member, rest);
}

function find(value: unknown, [step, ...rest]: string[]): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  const isList = step.endsWith('[]');
  const member = (value as Json)[isList ? step.slice(0, -2) : step];
  return find(isList ? (member as unknown[])?.[0] : member, rest);
}
