/** Server-side apply and who owns which field, through the port. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Harness, podBody, pods, startServer } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer();
});

const services = '/api/v1/namespaces/default/services';
const applyType = { 'Content-Type': 'application/apply-patch+yaml' };
const apply = (path: string, manager: string, body: unknown, query = '') =>
  h.call('PATCH', `${path}?fieldManager=${manager}${query}`, { body, headers: applyType });
const write = (path: string, manager: string, body: unknown) =>
  h.call('PATCH', `${path}?fieldManager=${manager}`, {
    body,
    headers: { 'Content-Type': 'application/merge-patch+json' },
  });

interface Entry {
  manager: string;
  operation: string;
  subresource?: string;
  fieldsV1: object;
}
/** `manager operation[/subresource]` → fields. */
const owners = (body: { metadata: { managedFields?: Entry[] } }) =>
  Object.fromEntries(
    (body.metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => [
      `${manager} ${operation}${subresource ? `/${subresource}` : ''}`,
      fieldsV1,
    ]),
  );

const labelled = (name: string, labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
});
const service = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });

test('what does not exist is created, and the applier owns what he wrote', async () => {
  const config = podBody('made', { labels: { app: 'web' } });
  const { code, body } = await apply(`${pods}/made`, 'alice', config);

  assert.equal(code, 201);
  assert.equal(body.spec.restartPolicy, 'Always');
  assert.deepEqual(body.metadata.managedFields, [
    {
      manager: 'alice',
      operation: 'Apply',
      apiVersion: 'v1',
      time: '2015-05-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:labels': { 'f:app': {} } },
        'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
      },
    },
  ]);
});

test('applying the same again writes nothing, however late', async () => {
  const config = podBody('again', { labels: { app: 'web' } });
  const first = await apply(`${pods}/again`, 'alice', config);
  h.clock.advance(5000);
  const second = await apply(`${pods}/again`, 'alice', config);

  assert.equal(second.code, 200);
  assert.deepEqual(second.body, first.body);
});

test('YAML is read as well as JSON', async () => {
  const yaml = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: yaml\nspec:\n  containers:\n  - {name: a, image: b}\n';
  assert.equal((await apply(`${pods}/yaml`, 'alice', yaml)).code, 201);
});

test('what is applied no more goes, and with it the defaults it had; what others own stays', async () => {
  const ports = [{ port: 80 }, { port: 443, name: 'tls' }].map((port) => ({ name: 'http', ...port }));
  await apply(`${services}/trimmed`, 'alice', service('trimmed', { ports, selector: { a: 'b' } }));
  await write(`${services}/trimmed`, 'bob', { metadata: { labels: { owner: 'bob' } } });
  const { body } = await apply(`${services}/trimmed`, 'alice', service('trimmed', { ports: [ports[0]] }));

  assert.deepEqual(
    body.spec.ports.map(({ port }: { port: number }) => port),
    [80],
  );
  assert.equal(body.spec.selector, undefined);
  assert.deepEqual(body.metadata.labels, { owner: 'bob' });
});

test('another value than that of another owner is a conflict, which force decides', async () => {
  await apply(`${pods}/fought`, 'alice', podBody('fought', { labels: { app: 'web', tier: 'x' } }));
  const { code, body } = await apply(`${pods}/fought`, 'bob', labelled('fought', { app: 'db' }));
  assert.equal(code, 409);
  assert.equal(body.reason, 'Conflict');
  assert.equal(body.message, 'Apply failed with 1 conflict: conflict with "alice": .metadata.labels.app');
  assert.deepEqual(body.details, {
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.metadata.labels.app' }],
  });

  const forced = await apply(`${pods}/fought`, 'bob', labelled('fought', { app: 'db' }), '&force=true');
  assert.equal(forced.code, 200);
  assert.equal(forced.body.metadata.labels.app, 'db');
  assert.deepEqual(owners(forced.body)['bob Apply'], { 'f:metadata': { 'f:labels': { 'f:app': {} } } });
  assert.deepEqual(Object.keys(Object(owners(forced.body)['alice Apply'])['f:metadata']['f:labels']), ['f:tier']);
});

test('several conflicts are listed by manager', async () => {
  const body = podBody('listed', { labels: { a: '1', b: '1' } });
  await h.call('POST', `${pods}?fieldManager=creator`, { body });
  const answer = await apply(`${pods}/listed`, 'bob', labelled('listed', { a: '2', b: '2' }));
  assert.equal(
    answer.body.message,
    'Apply failed with 2 conflicts: conflicts with "creator" using v1:\n- .metadata.labels.a\n- .metadata.labels.b',
  );
});

test('the same value is owned together, and stays until the last owner gives it up', async () => {
  await apply(`${pods}/shared`, 'alice', podBody('shared', { labels: { app: 'web' } }));
  const both = await apply(`${pods}/shared`, 'bob', labelled('shared', { app: 'web' }));
  assert.deepEqual(Object.keys(owners(both.body)).sort(), ['alice Apply', 'bob Apply']);

  const one = await apply(`${pods}/shared`, 'alice', podBody('shared'));
  assert.deepEqual(one.body.metadata.labels, { app: 'web' });
  const none = await apply(`${pods}/shared`, 'bob', { apiVersion: 'v1', kind: 'Pod' });
  assert.equal(none.body.metadata.labels, undefined);
  assert.deepEqual(Object.keys(owners(none.body)), ['alice Apply']);
});

test('whoever creates an object owns it shortly, and field by field once another one writes', async () => {
  const created = await h.call('POST', `${pods}?fieldManager=creator`, {
    body: podBody('spelled', { labels: { a: '1' } }),
  });
  assert.deepEqual(owners(created.body), { 'creator Update': {} });
  const own = await write(`${pods}/spelled`, 'creator', { metadata: { labels: { b: '1' } } });
  assert.deepEqual(owners(own.body), { 'creator Update': {} });

  const { body } = await write(`${pods}/spelled`, 'bob', { metadata: { labels: { a: '2' } } });
  const { 'creator Update': creator, 'bob Update': bob } = owners(body) as Record<string, Record<string, object>>;
  assert.deepEqual(bob, { 'f:metadata': { 'f:labels': { 'f:a': {} } } });
  assert.deepEqual(creator?.['f:metadata'], { 'f:labels': { '.': {}, 'f:b': {} } });
  assert.ok(creator?.['f:spec']);
  assert.equal(creator?.['f:status'], undefined);
});

test('who gives no name is known by his program', async () => {
  const headers = { 'User-Agent': 'kubectl/v1.32.4 (linux/amd64) kubernetes/abc' };
  const { body } = await h.call('POST', pods, { body: podBody('agent'), headers });
  assert.deepEqual(Object.keys(owners(body)), ['kubectl Update']);
});

test('the status has owners of its own', async () => {
  const name = 'status-owned';
  await apply(`${pods}/${name}`, 'alice', podBody(name));
  const condition = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } });
  await write(`${pods}/${name}/status`, 'reporter', condition('True'));
  const config = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, ...condition('False') };
  const refused = await apply(`${pods}/${name}/status`, 'bob', config);
  assert.equal(
    refused.body.message,
    'Apply failed with 1 conflict: conflict with "reporter" with subresource "status" using v1: .status.conditions[type="Ready"].status',
  );
  const { body } = await apply(`${pods}/${name}/status`, 'bob', config, '&force=true');
  assert.equal(body.status.conditions[0].status, 'False');
  assert.ok(owners(body)['bob Apply/status']);

  // What is applied to the object itself never reaches the status, nor is it owned.
  const main = await apply(`${pods}/${name}`, 'alice', { ...podBody(name), ...condition('Unknown') });
  assert.equal(main.body.status.conditions[0].status, 'False');
  assert.equal(Object(owners(main.body)['alice Apply'])['f:status'], undefined);
});

test('components of this process leave no trace until it matters', async () => {
  const { client } = h;
  await client.create((await import('../../../src/core/api/kinds/index.ts')).Pod, {
    ...podBody('quiet', { labels: { a: '1' } }),
    metadata: { name: 'quiet', namespace: 'default', labels: { a: '1' } },
  });
  const { body } = await h.get(`${pods}/quiet`);
  assert.equal(body.metadata.managedFields, undefined);
  const conflict = await apply(`${pods}/quiet`, 'bob', labelled('quiet', { a: '2' }));
  assert.equal(
    conflict.body.message,
    'Apply failed with 1 conflict: conflict with "kubecfg" using v1: .metadata.labels.a',
  );
});

test('managedFields can be replaced, cleared with one empty entry, and not with an empty list', async () => {
  const path = `${pods}/managed`;
  await apply(path, 'alice', podBody('managed', { labels: { a: '1' } }));
  const kept = await write(path, 'bob', { metadata: { managedFields: [], labels: { b: '1' } } });
  assert.deepEqual(Object.keys(owners(kept.body)), ['alice Apply', 'bob Update']);

  const given = { manager: 'carol', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1' };
  const managedFields = [{ ...given, fieldsV1: { 'f:metadata': { 'f:labels': { 'f:a': {} } } } }];
  const replaced = await write(path, 'bob', { metadata: { managedFields } });
  assert.deepEqual(Object.keys(owners(replaced.body)), ['carol Apply']);
  const wrong = await write(path, 'bob', { metadata: { managedFields: [{ ...given, operation: 'Own' }] } });
  assert.equal(wrong.code, 422);
  assert.match(
    wrong.body.message,
    /metadata.managedFields\[0\].operation: Invalid value: "Own": must be `Apply` or `Update`/,
  );

  const cleared = await write(path, 'bob', { metadata: { managedFields: [{}] } });
  assert.equal(cleared.body.metadata.managedFields, undefined);
});

test('a dry run of an apply answers the result and stores nothing', async () => {
  const { code, body } = await apply(`${pods}/unmade`, 'alice', podBody('unmade'), '&dryRun=All');
  assert.equal(code, 201);
  assert.ok(owners(body)['alice Apply']);
  assert.equal((await h.get(`${pods}/unmade`)).code, 404);
});

test('an apply that makes no sense is refused in the words of the original', async () => {
  const path = `${pods}/refused`;
  const refusal = async (body: unknown, query = '?fieldManager=alice') => {
    const answer = await h.call('PATCH', path + query, { body, headers: applyType });
    return [answer.code, answer.body.message];
  };
  const config = podBody('refused');
  assert.deepEqual(await refusal(config, ''), [
    422,
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  ]);
  assert.deepEqual(await refusal({ spec: {} }), [400, 'invalid object type: /, Kind=']);
  assert.equal((await refusal({ ...config, apiVersion: 'v2' }))[0], 400);
  const managed = { ...config, metadata: { managedFields: [{ manager: 'x' }] } };
  assert.deepEqual(await refusal(managed), [400, 'metadata.managedFields must be nil']);
  assert.deepEqual(await refusal({ ...config, spec: { ...config.spec, foo: 1 } }), [
    500,
    'failed to create typed patch object (/refused; /v1, Kind=Pod): .spec.foo: field not declared in schema',
  ]);
  assert.deepEqual(await refusal({ ...config, foo: 1 }, '?fieldManager=alice&fieldValidation=Strict'), [
    400,
    'error strict decoding patch: unknown field "foo"',
  ]);
  const twice = [...config.spec.containers, ...config.spec.containers];
  assert.deepEqual(await refusal({ ...config, spec: { containers: twice } }), [
    500,
    'failed to create typed patch object (/refused; /v1, Kind=Pod): .spec.containers: duplicate entries for key [name="main"]',
  ]);
  assert.equal((await refusal({ ...config, metadata: { name: 'other' } }))[0], 400);
  assert.equal((await refusal({ ...config, metadata: { uid: 'gone' } }))[0], 409);
  assert.equal((await refusal(config, `?fieldManager=${'x'.repeat(129)}`))[0], 422);
});

test('kubectl may take over what its client-side apply wrote, and keeps the annotation', async () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const config = podBody('moved', { labels: { a: '1' } });
  const annotated = {
    ...config,
    metadata: { ...config.metadata, annotations: { [annotation]: JSON.stringify(config) } },
  };
  await h.call('POST', `${pods}?fieldManager=kubectl-client-side-apply`, { body: annotated });
  const changed = podBody('moved', { labels: { a: '2' } });
  assert.equal((await apply(`${pods}/moved`, 'other', changed)).code, 409);

  const { code, body } = await apply(`${pods}/moved`, 'kubectl', changed);
  assert.equal(code, 200);
  assert.equal(body.metadata.labels.a, '2');
  assert.deepEqual(JSON.parse(body.metadata.annotations[annotation]).metadata.labels, { a: '2' });
});

test('at most ten updaters are kept apart', async () => {
  const path = `${pods}/crowded`;
  await apply(path, 'alice', podBody('crowded'));
  for (let i = 0; i < 12; i++) {
    h.clock.advance(1000);
    await write(path, `writer${i}`, { metadata: { labels: { [`k${i}`]: '1' } } });
  }
  const names = Object.keys(owners((await h.get(path)).body));
  assert.equal(names.length, 11);
  assert.ok(names.includes('ancient-changes Update') && names.includes('writer11 Update'));
  assert.ok(!names.includes('writer0 Update'));
});
