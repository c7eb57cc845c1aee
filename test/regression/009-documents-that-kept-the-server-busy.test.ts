/**
 * Documents that kept the server busy for minutes, since work grew with the square of their length: YAML of nothing but
 * mistakes, and strategic patches of long lists.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../src/core/api/kinds/index.ts';
import { strategicMerge } from '../../src/core/api/patch/strategic.ts';
import { parseBody } from '../../src/core/apiserver/http/body.ts';

const broken = (text: string) =>
  assert.rejects(async () => parseBody(Buffer.from(text), 'application/yaml'), { code: 400 });

test('YAML ends at its first mistake', { timeout: 20_000 }, async () => {
  for (const mistake of ['"', '}', '&a ', 'a: ']) await broken(mistake.repeat(200_000));
  await assert.rejects(async () => parseBody(Buffer.from('a: b\nc: [d: e: f]\n'), 'application/yaml'), {
    message:
      'the body of the request is not YAML: Block collections are not allowed within flow collections at line 2, column 8',
  });
  await assert.rejects(async () => parseBody(Buffer.from('a: b\n---\nc: d\n'), 'application/yaml'), {
    message: 'the body of the request is not YAML: there is more than one document',
  });
});

test('a patch of 30,000 containers', { timeout: 5000 }, () => {
  const containers = Array.from({ length: 30_000 }, (_, i) => ({ name: `c${i}`, image: 'a' }));
  const patched = strategicMerge(
    Pod.schema,
    { spec: { containers: [{ name: 'c7', tty: true }] } },
    { spec: { containers } },
  );
  const { spec } = patched as { spec: { containers: object[] } };
  assert.equal(spec.containers.length, 30_000);
  assert.deepEqual(spec.containers[7], { name: 'c7', image: 'a', tty: true });
});
