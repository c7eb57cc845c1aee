/** A watch of one namespace that resumed at a recent revision was told what had happened in the others since. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpWatch, startServer } from '../core/apiserver/harness.ts';

test('a resumed watch of a namespace is told of that namespace only', async () => {
  const h = await startServer();
  await h.post('/api/v1/namespaces', { metadata: { name: 'other' } });
  const { revision } = h.store;
  await h.post('/api/v1/namespaces/other/configmaps', { metadata: { name: 'foreign' } });
  await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'own' } });

  const watch = new HttpWatch(h.port, `/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=${revision}`);
  await watch.count(1);
  await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'last' } });
  await watch.count(2);

  assert.deepEqual(watch.summary, ['ADDED own', 'ADDED last']);
  watch.close();
});
