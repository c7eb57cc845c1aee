/** Objects in protobuf: what goes out comes back, and whatever comes in is an object or a Bad Request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeObject } from '../../../src/core/api/decode.ts';
import { kindOf, kinds } from '../../../src/core/api/kinds/index.ts';
import { decodeProtobuf, encodeProtobuf, encodeWatchEvent } from '../../../src/core/api/protobuf/index.ts';
import type { AnySchema } from '../../../src/core/api/schema.ts';
import { DeleteOptions } from '../../../src/core/api/types/meta.ts';
import { arbitraryOf } from '../../helpers/arbitrary.ts';
import { structsIn } from '../../helpers/schemas.ts';

const schemaOf = (apiVersion: string, kind: string) =>
  kind === 'DeleteOptions' ? DeleteOptions : kindOf(apiVersion, kind)?.schema;
const decode = (bytes: Buffer) => decodeProtobuf(bytes, schemaOf);

/** The object without what protobuf cannot tell from nothing: zeros in fields that are no pointers, and may be left out. */
function withoutZeros(schema: AnySchema, value: unknown): unknown {
  if (schema.type === 'list') return (value as unknown[]).map((item) => withoutZeros(schema.items, item));
  if (schema.type !== 'struct' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value as object)) {
    const { schema: type, always, pointer } = schema.fields[name]!;
    const zero = (member === '' && type.type === 'string') || member === 0 || member === false || member === null;
    if (!zero || always || (pointer && member !== null)) out[name] = withoutZeros(type, member);
  }
  return out;
}

for (const kind of kinds) {
  test(`a ${kind.kind} comes back as it was sent`, () => {
    const roundTrip = (body: unknown) => {
      const { object } = decodeObject(kind, body, 'Strict');
      const again = decodeObject(kind, decode(encodeProtobuf(kind.schema, object)), 'Strict');
      assert.deepEqual(again.object, withoutZeros(kind.schema, object));
    };
    roundTrip(kind.example);
    fc.assert(
      fc.property(arbitraryOf(kind.schema), (body) =>
        roundTrip({ ...(body as object), kind: kind.kind, apiVersion: kind.apiVersion }),
      ),
      { numRuns: 60 },
    );
  });

  test(`no two fields of a ${kind.kind} have one number`, () => {
    for (const schema of structsIn(kind.schema)) {
      const numbers = new Set<string>();
      for (const [name, { number, inlined }] of Object.entries(schema.fields)) {
        // These two travel in the envelope.
        if (schema === kind.schema && (name === 'kind' || name === 'apiVersion')) continue;
        const place = inlined ? `${inlined.number}/${number}` : `${number}`;
        assert.ok(number > 0 && !numbers.has(place), `${schema.name}.${name}: ${place}`);
        numbers.add(place);
        if (inlined) assert.ok(!numbers.has(`${inlined.number}`), `${schema.name}.${name} is embedded in a field`);
      }
    }
  });
}

test('the bytes are those of the original', () => {
  const encoded = encodeProtobuf(kindOf('v1', 'Namespace')!.schema, {
    kind: 'Namespace',
    apiVersion: 'v1',
    ...{ metadata: { name: 'n' } },
  });
  const type = Buffer.from('\x0a\x0f\x0a\x02v1\x12\x09Namespace', 'latin1');
  const message = Buffer.from('\x12\x05\x0a\x03\x0a\x01n', 'latin1');
  assert.deepEqual(encoded, Buffer.concat([Buffer.from('k8s\0'), type, message]));
});

test('what the original embeds is a message of its own', () => {
  const { schema } = kindOf('v1', 'Pod')!;
  const spec = { volumes: [{ name: 'v', emptyDir: {} }], containers: [] };
  const bytes = encodeProtobuf(schema, { kind: 'Pod', apiVersion: 'v1', ...{ spec } });
  // volumes#1 { name#1 "v", VolumeSource#2 { emptyDir#2 {} } }
  assert.ok(bytes.includes(Buffer.from('\x0a\x07\x0a\x01v\x12\x02\x12\x00', 'latin1')));
  assert.deepEqual((decode(bytes) as { spec: object }).spec, { volumes: [{ name: 'v', emptyDir: {} }] });
});

test('zeros count where the original has a pointer, and nowhere else', () => {
  const { schema } = kindOf('v1', 'ReplicationController')!;
  const spec = { replicas: 0, minReadySeconds: 0 };
  const bytes = encodeProtobuf(schema, { kind: 'ReplicationController', apiVersion: 'v1', ...{ spec } });
  assert.deepEqual((decode(bytes) as { spec: object }).spec, { replicas: 0 });
});

test('unknown fields are skipped, packed numbers read, parts of one message joined', () => {
  const message = Buffer.concat([
    // metadata { name "a" }, field 99 of each wire type, metadata { namespace "b" }
    Buffer.from([0x0a, 3, 0x0a, 1, 0x61]),
    Buffer.from([0x98, 6, 1, 0x99, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x9a, 6, 1, 0, 0x9d, 6, 0, 0, 0, 0]),
    Buffer.from([0x0a, 3, 0x1a, 1, 0x62]),
    // spec { securityContext { supplementalGroups [1, 300] } }
    Buffer.from([0x12, 7, 0x72, 5, 0x22, 3, 1, 0xac, 2]),
  ]);
  const type = Buffer.from('\x0a\x09\x0a\x02v1\x12\x03Pod', 'latin1');
  const body = Buffer.concat([Buffer.from('k8s\0'), type, Buffer.from([0x12, message.length]), message]);

  assert.deepEqual(decode(body), {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'a', namespace: 'b' },
    spec: { securityContext: { supplementalGroups: [1, 300] } },
  });
});

test('a watch event stands behind its length, with the object in its own envelope', () => {
  const object = encodeProtobuf(DeleteOptions, { kind: 'DeleteOptions', apiVersion: 'v1' });
  const frame = encodeWatchEvent('ADDED', object);

  assert.equal(frame.readUInt32BE(0), frame.length - 4);
  assert.equal(frame.subarray(4, 11).toString('latin1'), '\x0a\x05ADDED');
  assert.deepEqual(frame.subarray(-object.length), object);
});

test('bytes that are no object are a Bad Request, whatever they are', () => {
  const refused = (bytes: Buffer, words: RegExp) => assert.throws(() => decode(bytes), { message: words });
  refused(Buffer.from('{}'), /does not begin with the bytes "k8s\\0"/);
  refused(Buffer.from('k8s\0'), /^no kind "" is registered for version ""$/);
  refused(Buffer.from('k8s\0\x0a\x05\x12\x03Foo', 'latin1'), /^no kind "Foo" is registered/);
  refused(Buffer.from('k8s\0\x0a\x7f', 'latin1'), /it ends too early/);
  refused(Buffer.from('k8s\0\x0b', 'latin1'), /wire type 3/);

  const valid = kinds.map((kind) => encodeProtobuf(kind.schema, decodeObject(kind, kind.example, 'Ignore').object));
  const mutated = fc
    .tuple(fc.constantFrom(...valid), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => {
      const copy = Buffer.from(bytes);
      // The envelope's type stays, so that the change reaches the object.
      for (const [at, byte] of changes) copy[16 + (at % (copy.length - 16))] = byte;
      return copy;
    });
  const raw = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.from('k8s\0'), bytes]));
  fc.assert(
    fc.property(fc.oneof(mutated, raw), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        assert.equal((error as { reason?: string }).reason, 'BadRequest', String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('a body of many empty messages is refused before it fills the memory', () => {
  const fields = Buffer.alloc(600_000, Buffer.from([0x0a, 0x00]));
  const type = Buffer.from('\x0a\x0f\x0a\x02v1\x12\x09Endpoints', 'latin1');
  const length = Buffer.from([0x80 | (600_000 & 127), 0x80 | ((600_000 >> 7) & 127), 600_000 >> 14]);
  const body = Buffer.concat([Buffer.from('k8s\0'), type, Buffer.from([0x12]), length, fields]);

  assert.throws(() => decode(body), { message: /more than 250000 fields/ });
});
