/** Random objects of a schema, in the canonical form that the decoder makes. */
import fc from 'fast-check';
import type { AnySchema, ScalarSchema, StructSchema } from '../../src/core/api/schema.ts';

const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => new Date(s * 1000).toISOString().slice(0, 19));
const jsonObject = fc.dictionary(fc.string({ maxLength: 5 }), fc.constantFrom(1, 'x', null, {}, [1]), { maxKeys: 3 });

const formats: Record<string, fc.Arbitrary<unknown>> = {
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  byte: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  'date-time': seconds.map((s) => `${s}Z`),
  'micro-time': fc
    .tuple(seconds, fc.integer({ min: 0, max: 999_999 }))
    .map(([s, micros]) => `${s}.${String(micros).padStart(6, '0')}Z`),
  quantity: fc.constantFrom('0', '1', '100m', '1500m', '1Gi', '64Mi', '3e9', '-2'),
  'int-or-string': fc.oneof(fc.integer(), fc.string({ maxLength: 6 })),
};
const types: Record<ScalarSchema['type'], fc.Arbitrary<unknown>> = {
  string: fc.string({ unit: 'grapheme', maxLength: 8 }),
  integer: fc.integer(),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
  'int-or-string': formats['int-or-string']!,
  any: jsonObject,
};

export function arbitraryOf(schema: AnySchema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'struct':
      return structOf(schema);
    case 'list':
      return fc.array(arbitraryOf(schema.items), { maxLength: 3 });
    case 'map':
      return fc.dictionary(
        fc.oneof(fc.constant('__proto__'), fc.string({ maxLength: 6 })),
        arbitraryOf(schema.values),
        {
          maxKeys: 3,
        },
      );
  }
  if (schema.values) return fc.constantFrom(...schema.values);
  return formats[schema.format ?? ''] ?? types[schema.type];
}

/** Some of the fields: with all of them, a pod would be a book. */
const structs = new WeakMap<StructSchema, fc.Arbitrary<object>>();

function structOf(schema: StructSchema): fc.Arbitrary<object> {
  let arbitrary = structs.get(schema);
  if (!arbitrary) {
    const names = Object.keys(schema.fields);
    arbitrary = fc.subarray(names, { maxLength: Math.min(6, names.length) }).chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((name) => [name, arbitraryOf(schema.fields[name]!.schema)])), {
        noNullPrototype: true,
      }),
    );
    structs.set(schema, arbitrary);
  }
  return arbitrary;
}
