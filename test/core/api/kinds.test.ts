/** What every kind promises, tried on its example. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeObject } from '../../../src/core/api/decode.ts';
import { kindByWord, kinds } from '../../../src/core/api/kinds/index.ts';
import { validateMetadata } from '../../../src/core/api/metadata.ts';
import type { AnySchema } from '../../../src/core/api/schema.ts';
import { ApiError } from '../../../src/core/api/status.ts';
import { tableOf } from '../../../src/core/api/table.ts';
import { assertGolden } from '../../helpers/golden.ts';
import { decoded, stored } from '../../helpers/stored.ts';

const now = Date.parse('2026-11-25T10:00:00Z');
type Json = Record<string, unknown>;

for (const kind of kinds) {
  describe(kind.kind, () => {
    test('is found by every one of its names', () => {
      for (const word of [kind.plural, kind.singular, kind.kind, ...kind.shortNames]) {
        assert.equal(kindByWord(word.toUpperCase()), kind);
      }
    });

    test('its example decodes strictly, and again to the same bytes', () => {
      const { object, warnings } = decodeObject(kind, kind.example, 'Strict');
      assert.deepEqual(warnings, []);
      const again = decodeObject(kind, JSON.parse(JSON.stringify(object)), 'Strict').object;
      assert.equal(JSON.stringify(again), JSON.stringify(object));
    });

    test('defaulting twice changes nothing more', () => {
      const object = decoded(kind, kind.example);
      const once = JSON.stringify(object);
      kind.defaults?.(object);
      assert.equal(JSON.stringify(object), once);
    });

    test('decoding a defaulted object changes nothing', () => {
      const object = decoded(kind, kind.example);
      const again = decodeObject(kind, object, 'Strict').object;
      assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(object)));
    });

    test('its example is valid, and may be stored over itself', () => {
      const object = stored(kind, kind.example);
      assert.deepEqual(validateMetadata(kind, object.metadata), []);
      assert.deepEqual(kind.validate?.(object) ?? [], []);
      assert.deepEqual(kind.validateUpdate?.(structuredClone(object), object, '') ?? [], []);
    });

    test('an unknown field anywhere in its example is named', () => {
      for (const path of structsIn(kind.schema, kind.example)) {
        const body = withChange(kind.example, [...path, 'nonsense'], 1);
        assert.throws(
          () => decodeObject(kind, body, 'Strict'),
          mentions(`unknown field "${dotted([...path, 'nonsense'])}"`),
        );
      }
    });

    test('a value of the wrong type anywhere in its example is refused by name', () => {
      for (const [path, wrong] of wrongValues(kind.example)) {
        const body = withChange(kind.example, path, wrong);
        assert.throws(() => decodeObject(kind, body, 'Strict'), mentions(`${dotted(path)} must be `));
      }
    });

    test('shows its example in a Table', () => {
      const table = tableOf(kind, [stored(kind, kind.example)], { now });
      assertGolden(`table/${kind.plural}.json`, `${JSON.stringify(table, null, 2)}\n`);
    });

    const { describe: text } = kind;
    if (text) {
      test('describes its example', () => {
        assertGolden(`describe/${kind.plural}.txt`, text(stored(kind, kind.example), {}, now));
      });
    }
  });
}

type Path = (string | number)[];

const dotted = (path: Path) =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    '',
  );

const mentions = (text: string) => (error: unknown) => {
  assert.ok(error instanceof ApiError);
  assert.equal(error.reason, 'BadRequest');
  assert.ok(error.message.includes(text), `${error.message}\ndoes not contain ${text}`);
  return true;
};

/** Paths of all structs that a value holds. */
function* structsIn(schema: AnySchema, value: unknown, path: Path = []): Generator<Path> {
  if (schema.type === 'struct') {
    yield path;
    for (const [name, member] of Object.entries(value as Json)) {
      yield* structsIn(schema.fields[name]!.schema, member, [...path, name]);
    }
  } else if (schema.type === 'list') {
    for (const [i, item] of (value as unknown[]).entries()) yield* structsIn(schema.items, item, [...path, i]);
  }
}

/** For every value inside: its path, and a value of a type that no field there can have. */
function* wrongValues(value: unknown, path: Path = []): Generator<[Path, unknown]> {
  if (path.length && path[0] !== 'kind' && path[0] !== 'apiVersion') {
    yield [path, typeof value === 'object' ? 'text' : { not: 'this' }];
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    yield* wrongValues(member, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function withChange(value: unknown, [step, ...rest]: Path, change: unknown): unknown {
  if (step === undefined) return change;
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? withChange(item, rest, change) : item));
  return { ...(value as Json), [step]: withChange((value as Json)[step], rest, change) };
}
