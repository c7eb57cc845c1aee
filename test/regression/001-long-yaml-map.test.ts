/** A YAML body with a long map kept the whole server busy for minutes: the parser compared each key with each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../src/core/api/status.ts';
import { parseBody } from '../../src/core/apiserver/http/body.ts';

const yaml = 'application/yaml';
const mapOf = (keys: number) =>
  Buffer.from(`data:\n${Array.from({ length: keys }, (_, i) => `  k${i}: v\n`).join('')}`);

test('a map of 80,000 keys is read', { timeout: 20_000 }, async () => {
  const { data } = (await parseBody(mapOf(80_000), yaml)) as { data: Record<string, string> };
  assert.equal(Object.keys(data).length, 80_000);
});

test('YAML of more than 1 MiB is refused before it is parsed', async () => {
  await assert.rejects(
    async () => parseBody(mapOf(120_000), yaml),
    (e) => e instanceof ApiError && e.code === 413 && /limit of YAML is 1048576/.test(e.message),
  );
});
