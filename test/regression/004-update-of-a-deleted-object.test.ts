/** An update that named a revision and lost against a deletion was answered 409, modified, where nothing was left to modify. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '../../src/core/api/kinds/index.ts';
import { isConflict, isNotFound } from '../../src/core/api/status.ts';
import { startServer } from '../core/apiserver/harness.ts';

// In one turn of the event loop both see the object, and the store decides them one after another.
test('an update that a deletion overtakes finds nothing', async () => {
  const { client } = await startServer();
  const object = await client.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } });
  const deleted = client.delete(ConfigMap, 'default', 'a');
  await assert.rejects(client.update(ConfigMap, { ...object, data: { x: '1' } }), isNotFound);
  await deleted;
});

test('an update that another one overtakes is a conflict', async () => {
  const { client } = await startServer();
  const object = await client.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } });
  const first = client.update(ConfigMap, { ...object, data: { x: '1' } });
  await assert.rejects(client.update(ConfigMap, { ...object, data: { x: '2' } }), isConflict);
  await first;
});
