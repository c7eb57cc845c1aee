import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../../../src/core/api/kinds/index.ts';
import { wrongUpdate, wrongWith } from '../../../helpers/field-errors.ts';
import { decoded } from '../../../helpers/stored.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('stringData goes into data, where it wins, and is gone', () => {
  const secret = decoded(Secret, { data: { a: base64('old'), b: base64('kept') }, stringData: { a: 'new é' } });
  assert.deepEqual(secret.data, { a: base64('new é'), b: base64('kept') });
  assert.equal('stringData' in secret, false);
  assert.equal(secret.type, 'Opaque');
});

const wrong: [unknown, string][] = [
  [{ data: { 'a b': '' } }, 'data[a b]: Invalid value: "a b": a valid config key must consist of'],
  [{ data: { '..': '' } }, `data[..]: Invalid value: "..": must not be '..'`],
  [{ data: { big: base64('x'.repeat(1024 * 1024)) } }, 'data: Too long: may not be more than 1048576 bytes'],
  [{ type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==' } }, 'data[tls.key]: Required value'],
  [
    { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('{') } },
    'data[.dockercfg]: Invalid value: "<secret contents redacted>": must be valid JSON',
  ],
  [
    { type: 'kubernetes.io/service-account-token' },
    'metadata.annotations[kubernetes.io/service-account.name]: Required value',
  ],
];

for (const [patch, error] of wrong) {
  test(`is refused: ${error}`, () => {
    const errors = wrongWith(Secret, patch);
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.ok(errors[0]!.startsWith(error), errors[0]);
  });
}

test('a type stays, and an immutable secret stays as a whole', () => {
  assert.deepEqual(wrongUpdate(Secret, { type: 'x' }), ['type: Invalid value: "x": field is immutable']);
  const example = { ...Secret.example, immutable: true };
  assert.deepEqual(wrongUpdate(Secret, { immutable: null, data: { a: '' } }, { example }), [
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ]);
  assert.deepEqual(wrongUpdate(Secret, { metadata: { labels: { a: 'b' } } }, { example }), []);
});
