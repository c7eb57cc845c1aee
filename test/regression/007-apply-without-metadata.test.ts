/** Applying a document whose metadata was null was a 500. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../core/apiserver/harness.ts';

test('null is as good as absent: the name is that of the path', async () => {
  const { call } = await startServer();
  const { code, body } = await call('PATCH', '/api/v1/namespaces/default/configmaps/a?fieldManager=test', {
    body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: null, data: { a: 'b' } },
    headers: { 'Content-Type': 'application/apply-patch+yaml' },
  });
  assert.deepEqual([code, body.metadata.name, body.data], [201, 'a', { a: 'b' }]);
});
