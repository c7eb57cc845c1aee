import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonLines } from '../../../../src/core/runtime/docker/json-lines.ts';
import { demultiplexed } from '../../../../src/core/runtime/docker/output.ts';

/** The bytes in chunks that end wherever the cuts fall. */
async function* inChunks(data: Buffer, cuts: readonly number[]): AsyncIterable<Buffer> {
  const ends = [...new Set(cuts.map((cut) => cut % (data.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const end of [...ends, data.length]) {
    yield data.subarray(from, end);
    from = end;
  }
}
const cuts = fc.array(fc.nat());

test('objects are read from lines however the stream cuts them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ text: fc.string({ unit: 'binary' }) }, { noNullPrototype: true })),
      fc.boolean(),
      cuts,
      async (objects, ended, at) => {
        const text = objects.map((object) => JSON.stringify(object)).join('\r\n') + (ended ? '\n' : '');
        const read: unknown[] = [];
        for await (const object of jsonLines(inChunks(Buffer.from(text), at))) read.push(object);
        assert.deepEqual(read, objects);
      },
    ),
  );
});

test('frames are taken apart however the stream cuts them', async () => {
  const frame = fc.record({ stream: fc.constantFrom(1, 2), data: fc.uint8Array({ maxLength: 40 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(frame), cuts, async (frames, at) => {
      const bytes = frames.map(({ stream, data }) => {
        const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
        header.writeUInt32BE(data.length, 4);
        return Buffer.concat([header, data]);
      });
      const read: Uint8Array[] = [];
      for await (const data of demultiplexed(inChunks(Buffer.concat(bytes), at))) read.push(Uint8Array.from(data));
      assert.deepEqual(
        read,
        frames.map(({ data }) => Uint8Array.from(data)),
      );
    }),
  );
});
