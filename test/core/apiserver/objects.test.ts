/** create, get, update, patch and delete of single objects, through the port. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Harness, podBody, pods, startServer } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer();
});

test('create stamps what the server owns and ignores it in the body', async () => {
  const body = podBody('stamped');
  const metadata = {
    ...body.metadata,
    uid: 'mine',
    generation: 7,
    creationTimestamp: '2001-01-01T00:00:00Z',
    selfLink: '/x',
  };
  const { code, body: pod } = await h.post(pods, { ...body, metadata });

  assert.equal(code, 201);
  assert.match(pod.metadata.uid, /^[0-9a-f-]{36}$/);
  assert.equal(pod.metadata.creationTimestamp, '2015-05-01T00:00:00Z');
  assert.equal(pod.metadata.namespace, 'default');
  assert.equal(pod.metadata.generation, 1);
  assert.equal(pod.metadata.selfLink, undefined);
  assert.match(pod.metadata.resourceVersion, /^\d+$/);
  assert.equal(pod.status.phase, 'Pending');
  assert.deepEqual((await h.get(`${pods}/stamped`)).body, pod);
});

test('stored values are JSON without a resourceVersion, under Kubernetes keys', async () => {
  await h.post(pods, podBody('readable'));

  const kv = await h.store.get('/registry/pods/default/readable');
  const value = JSON.parse(String(kv?.value));
  assert.equal(value.kind, 'Pod');
  assert.equal(value.metadata.name, 'readable');
  assert.equal('resourceVersion' in value.metadata, false);
});

test('a name is taken once', async () => {
  await h.post(pods, podBody('taken'));
  const { code, body } = await h.post(pods, podBody('taken'));

  assert.equal(code, 409);
  assert.deepEqual(body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'pods "taken" already exists',
    reason: 'AlreadyExists',
    details: { name: 'taken', kind: 'pods' },
    code: 409,
  });
});

test('generateName makes a name, and another one when the first is taken', async () => {
  const body = { ...podBody(''), metadata: { generateName: 'web-' } };
  const names = await Promise.all(
    Array.from({ length: 20 }, async () => (await h.post(pods, body)).body.metadata.name),
  );

  assert.equal(new Set(names).size, 20);
  for (const name of names) assert.match(name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

test('generateName gives up after eight taken names', async () => {
  const { client } = await startServer({ random: { next: () => 0, uid: () => 'u' } });
  const { Pod } = await import('../../../src/core/api/kinds/index.ts');
  const body = { ...podBody(''), metadata: { generateName: 'web-', namespace: 'default' } };
  await client.create(Pod, body);

  await assert.rejects(client.create(Pod, body), {
    message: 'pods "web-bbbbb" already exists, the server was not able to generate a unique name for the object',
  });
});

test('nothing is created in a namespace that is missing', async () => {
  const { code, body } = await h.post('/api/v1/namespaces/nowhere/pods', podBody('a'));

  assert.equal(code, 404);
  assert.equal(body.message, 'namespaces "nowhere" not found');
});

test('the namespaces of path and body must agree', async () => {
  const body = podBody('a');
  const answer = await h.post(pods, { ...body, metadata: { ...body.metadata, namespace: 'other' } });

  assert.equal(answer.code, 400);
  assert.equal(
    answer.body.message,
    'the namespace of the provided object does not match the namespace sent on the request',
  );
});

test('every wrong field is one cause of a 422', async () => {
  const { code, body } = await h.post(pods, { metadata: { name: 'Bad_Name' }, spec: { containers: [{ name: 'c' }] } });

  assert.equal(code, 422);
  assert.equal(body.reason, 'Invalid');
  assert.match(
    body.message,
    /^Pod "Bad_Name" is invalid: \[metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 .*, spec\.containers\[0\]\.image: Required value\]$/,
  );
  assert.deepEqual(
    body.details.causes.map((cause: { field: string }) => cause.field),
    ['metadata.name', 'spec.containers[0].image'],
  );
});

test('unknown fields: a warning by default, an error with Strict, silence with Ignore', async () => {
  const body = { ...podBody('unknown'), colour: 'red' };

  const warned = await h.post(`${pods}?dryRun=All`, body);
  assert.equal(warned.code, 201);
  assert.match(String(warned.headers['warning']), /^299 - "unknown field \\"colour\\".*"$/);
  const strict = await h.post(`${pods}?fieldValidation=Strict`, body);
  assert.equal(strict.code, 400);
  assert.match(
    strict.body.message,
    /^Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "colour"/,
  );
  const ignored = await h.post(`${pods}?fieldValidation=Ignore`, body);
  assert.equal(ignored.code, 201);
  assert.equal(ignored.headers['warning'], undefined);
});

test('unknown fields in a patch', async () => {
  await h.post(pods, podBody('patchy'));
  const body = { spec: { colour: 'red' } };

  const warned = await h.merge(`${pods}/patchy`, body);
  assert.equal(warned.code, 200);
  assert.match(String(warned.headers['warning']), /unknown field \\"spec\.colour\\"/);
  const strict = await h.merge(`${pods}/patchy?fieldValidation=Strict`, body);
  assert.equal(strict.code, 422);
  assert.match(
    strict.body.message,
    /^ "" is invalid: patch: Invalid value: .*strict decoding error: unknown field "spec\.colour"/,
  );
});

test('dryRun does everything but store', async () => {
  const { code, body } = await h.post(`${pods}?dryRun=All`, podBody('dry'));

  assert.equal(code, 201);
  assert.ok(body.metadata.uid);
  assert.equal((await h.get(`${pods}/dry`)).code, 404);
});

test('an object that is not there is a 404 with its name', async () => {
  const { code, body } = await h.get(`${pods}/nosuch`);

  assert.equal(code, 404);
  assert.deepEqual(body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'pods "nosuch" not found',
    reason: 'NotFound',
    details: { name: 'nosuch', kind: 'pods' },
    code: 404,
  });
});

test('update: a stale resourceVersion is a conflict, none overwrites', async () => {
  const { body: first } = await h.post(pods, podBody('updated'));
  const labelled = (colour: string) => ({ ...first, metadata: { ...first.metadata, labels: { colour } } });

  const { body: second } = await h.put(`${pods}/updated`, labelled('red'));
  assert.equal(second.metadata.labels.colour, 'red');
  const stale = await h.put(`${pods}/updated`, labelled('blue'));
  assert.equal(stale.code, 409);
  assert.equal(
    stale.body.message,
    'Operation cannot be fulfilled on pods "updated": the object has been modified; please apply your changes to the latest version and try again',
  );
  const { resourceVersion: _, ...metadata } = labelled('blue').metadata;
  const blind = await h.put(`${pods}/updated`, { ...first, metadata });
  assert.equal(blind.body.metadata.labels.colour, 'blue');
});

test('of concurrent updates of one version exactly one wins', async () => {
  const { body: pod } = await h.post(pods, podBody('contended'));
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      h.put(`${pods}/contended`, { ...pod, metadata: { ...pod.metadata, labels: { writer: `w${i}` } } }),
    ),
  );

  const codes = answers.map(({ code }) => code).sort();
  assert.deepEqual(codes, [200, ...Array(9).fill(409)]);
});

test('concurrent patches of different fields all land', async () => {
  await h.post(pods, podBody('patched'));
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map((name) => h.merge(`${pods}/patched`, { metadata: { labels: { [name]: 'yes' } } })));

  const { body } = await h.get(`${pods}/patched`);
  assert.deepEqual(Object.keys(body.metadata.labels).sort(), names);
});

test('an update without a change writes nothing', async () => {
  const { body: pod } = await h.post(pods, podBody('same'));
  const again = await h.put(`${pods}/same`, pod);
  const patched = await h.merge(`${pods}/same`, { spec: { restartPolicy: 'Always' } });

  assert.equal(again.body.metadata.resourceVersion, pod.metadata.resourceVersion);
  assert.equal(patched.body.metadata.resourceVersion, pod.metadata.resourceVersion);
});

test('what the server owns survives an update', async () => {
  const { body: pod } = await h.post(pods, podBody('owned'));
  const metadata = { name: 'owned', labels: { a: 'b' }, generation: 99 };
  const { body: updated } = await h.put(`${pods}/owned`, { ...pod, metadata, status: { phase: 'Failed' } });

  assert.equal(updated.metadata.uid, pod.metadata.uid);
  assert.equal(updated.metadata.creationTimestamp, pod.metadata.creationTimestamp);
  assert.equal(updated.metadata.generation, 1);
  assert.equal(updated.status.phase, 'Pending');
});

test('an update must be about the object of its path', async () => {
  const { body: pod } = await h.post(pods, podBody('path'));

  const renamed = await h.put(`${pods}/path`, { ...pod, metadata: { ...pod.metadata, name: 'other' } });
  assert.equal(renamed.code, 400);
  assert.equal(renamed.body.message, 'the name of the object (other) does not match the name on the URL (path)');
  const foreign = await h.put(`${pods}/path`, { ...pod, metadata: { ...pod.metadata, uid: 'abc' } });
  assert.equal(foreign.code, 409);
  assert.match(foreign.body.message, /Precondition failed: UID in precondition: abc, UID in object meta: /);
  const missing = await h.put(`${pods}/missing`, podBody('missing'));
  assert.equal(missing.code, 404);
});

test('a generation counts changes of the desired state only', async () => {
  const { body: pod } = await h.post(pods, podBody('counted'));
  const image = await h.merge(`${pods}/counted`, {
    spec: { containers: [{ ...pod.spec.containers[0], image: 'other' }] },
  });
  const label = await h.merge(`${pods}/counted`, { metadata: { labels: { a: 'b' } } });

  assert.equal(image.body.metadata.generation, 2);
  assert.equal(label.body.metadata.generation, 2);
});

test('PUT creates an object of a kind that allows it', async () => {
  const path = '/api/v1/namespaces/default/endpoints/made';
  const { code, body } = await h.put(path, { subsets: [] });

  assert.equal(code, 201);
  assert.equal(body.metadata.name, 'made');
  assert.equal((await h.put(path, { metadata: { labels: { a: 'b' } } })).code, 200);
});

test('/status writes the status and nothing of the spec', async () => {
  const { body: pod } = await h.post(pods, podBody('reported'));
  const body = {
    ...pod,
    spec: { containers: [{ name: 'x', image: 'y' }] },
    status: { ...pod.status, phase: 'Running' },
  };
  const { code, body: reported } = await h.put(`${pods}/reported/status`, body);

  assert.equal(code, 200);
  assert.equal(reported.status.phase, 'Running');
  assert.deepEqual(reported.spec, pod.spec);
  assert.equal(reported.metadata.generation, 1);
  const patched = await h.merge(`${pods}/reported/status`, { status: { podIP: '10.1.2.3' }, spec: { nodeName: 'x' } });
  assert.equal(patched.body.status.podIP, '10.1.2.3');
  assert.equal(patched.body.status.phase, 'Running');
  assert.equal(patched.body.spec.nodeName, undefined);
});

test('a PATCH that is none of the patches is told which there are', async () => {
  await h.post(pods, podBody('strategic'));
  const { code, body } = await h.call('PATCH', `${pods}/strategic`, { body: {} });

  assert.equal(code, 415);
  assert.equal(body.reason, 'UnsupportedMediaType');
  assert.match(
    body.message,
    /accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
  );
});

test('a merge patch removes what is null', async () => {
  await h.post(pods, podBody('trimmed', { labels: { a: '1', b: '2' } }));
  const { body } = await h.merge(`${pods}/trimmed`, { metadata: { labels: { a: null } } });

  assert.deepEqual(body.metadata.labels, { b: '2' });
});

test('DELETE answers a Status with the uid, or the object where Kubernetes does', async () => {
  const { body: endpoints } = await h.post('/api/v1/namespaces/default/endpoints', { metadata: { name: 'gone' } });
  const { code, body } = await h.delete('/api/v1/namespaces/default/endpoints/gone');

  assert.equal(code, 200);
  const details = { name: 'gone', kind: 'endpoints', uid: endpoints.metadata.uid };
  assert.deepEqual(body, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
  await h.post(pods, podBody('gone'));
  assert.equal((await h.delete(`${pods}/gone`)).body.kind, 'Pod');
  assert.equal((await h.get(`${pods}/gone`)).code, 404);
});

test('a pod on a node ends gracefully: first its end is set, then the kubelet removes it', async () => {
  await h.post(pods, podBody('graceful', { nodeName: 'core-01' }));
  const { body: ending } = await h.delete(`${pods}/graceful`, { propagationPolicy: 'Background' });

  assert.equal(ending.metadata.deletionTimestamp, '2015-05-01T00:00:30Z');
  assert.equal(ending.metadata.deletionGracePeriodSeconds, 30);
  assert.equal(ending.metadata.generation, 2);
  const longer = await h.delete(`${pods}/graceful`, { gracePeriodSeconds: 60 });
  assert.equal(longer.body.metadata.resourceVersion, ending.metadata.resourceVersion);
  const sooner = await h.delete(`${pods}/graceful`, { gracePeriodSeconds: 5 });
  assert.equal(sooner.body.metadata.deletionTimestamp, '2015-05-01T00:00:05Z');
  const wrong = await h.delete(`${pods}/graceful`, { gracePeriodSeconds: 0, preconditions: { uid: 'other' } });
  assert.equal(wrong.code, 409);
  assert.match(
    wrong.body.message,
    /^Operation cannot be fulfilled on Pod "graceful": the UID in the precondition \(other\) does not match/,
  );
  const { uid } = ending.metadata;
  assert.equal((await h.delete(`${pods}/graceful`, { gracePeriodSeconds: 0, preconditions: { uid } })).code, 200);
  assert.equal((await h.get(`${pods}/graceful`)).code, 404);
});

test('a finalizer holds a deleted object until it is taken off', async () => {
  const body = podBody('held');
  await h.post(pods, { ...body, metadata: { ...body.metadata, finalizers: ['example.com/wait'] } });
  const { body: held } = await h.delete(`${pods}/held`);
  assert.ok(held.metadata.deletionTimestamp);

  const more = await h.merge(`${pods}/held`, { metadata: { finalizers: ['example.com/wait', 'example.com/more'] } });
  assert.equal(more.code, 422);
  assert.match(more.body.message, /no new finalizers can be added if the object is being deleted/);
  assert.equal((await h.merge(`${pods}/held`, { metadata: { finalizers: null } })).code, 200);
  assert.equal((await h.get(`${pods}/held`)).code, 404);
});

test('a wrong propagation policy is refused by name', async () => {
  await h.post(pods, podBody('policy'));
  const { code, body } = await h.delete(`${pods}/policy`, { propagationPolicy: 'Bad' });

  assert.equal(code, 422);
  assert.equal(
    body.message,
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Bad": supported values: "Foreground", "Background", "Orphan", "nil"',
  );
});

test('deletecollection deletes what is selected and answers it', async () => {
  for (const name of ['c1', 'c2', 'c3'])
    await h.post(pods, podBody(name, { labels: { set: name === 'c3' ? 'b' : 'a' } }));
  const { code, body } = await h.delete(`${pods}?labelSelector=set%3Da`);

  assert.equal(code, 200);
  assert.equal(body.kind, 'PodList');
  assert.deepEqual(
    body.items.map((pod: { metadata: { name: string } }) => pod.metadata.name),
    ['c1', 'c2'],
  );
  assert.equal((await h.get(`${pods}/c1`)).code, 404);
  assert.equal((await h.get(`${pods}/c3`)).code, 200);
});

test('a binding gives a pod its node once', async () => {
  await h.post(pods, podBody('bound'));
  const binding = { metadata: { name: 'bound' }, target: { kind: 'Node', name: 'core-01' } };
  const { code, body } = await h.post(`${pods}/bound/binding`, binding);

  assert.equal(code, 201);
  assert.deepEqual(body, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  const { body: pod } = await h.get(`${pods}/bound`);
  assert.equal(pod.spec.nodeName, 'core-01');
  assert.deepEqual(pod.status.conditions, [
    { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: '2015-05-01T00:00:00Z' },
  ]);
  const again = await h.post('/api/v1/namespaces/default/bindings', { ...binding, target: { name: 'core-02' } });
  assert.equal(again.code, 409);
  assert.equal(
    again.body.message,
    'Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "core-01"',
  );
});

test('a binding needs a node to bind to', async () => {
  await h.post(pods, podBody('unbound'));

  assert.equal((await h.post(`${pods}/unbound/binding`, { metadata: { name: 'unbound' }, target: {} })).code, 422);
  assert.equal((await h.post(`${pods}/nosuch/binding`, { target: { name: 'core-01' } })).code, 404);
});

test('a namespace ends when its finalizers do; nothing new begins in it meanwhile', async () => {
  const created = await h.post('/api/v1/namespaces', { metadata: { name: 'ending' } });
  assert.deepEqual(created.body.spec.finalizers, ['kubernetes']);
  const { body: ending } = await h.delete('/api/v1/namespaces/ending');
  assert.equal(ending.status.phase, 'Terminating');

  const refused = await h.post('/api/v1/namespaces/ending/pods', podBody('late'));
  assert.equal(refused.code, 403);
  assert.equal(
    refused.body.message,
    'pods "late" is forbidden: unable to create new content in namespace ending because it is being terminated',
  );
  assert.equal(refused.body.details.causes[0].reason, 'NamespaceTerminating');
  const finalized = await h.put('/api/v1/namespaces/ending/finalize', { ...ending, spec: { finalizers: [] } });
  assert.equal(finalized.code, 200);
  assert.equal((await h.get('/api/v1/namespaces/ending')).code, 404);
});

test('some namespaces are there from the start and may not be deleted', async () => {
  const { body } = await h.get('/api/v1/namespaces');
  const names = body.items.map((namespace: { metadata: { name: string } }) => namespace.metadata.name);
  assert.deepEqual(
    names.filter((name: string) => name !== 'ending'),
    ['default', 'kube-system'],
  );

  const refused = await h.delete('/api/v1/namespaces/default');
  assert.equal(refused.code, 403);
  assert.equal(refused.body.message, 'namespaces "default" is forbidden: this namespace may not be deleted');
});

test('events expire', async () => {
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'x' };
  await h.post('/api/v1/namespaces/default/events', { metadata: { name: 'e' }, involvedObject, reason: 'Tested' });
  assert.equal((await h.get('/api/v1/namespaces/default/events/e')).code, 200);

  await h.clock.advance(3_601_000);
  assert.equal((await h.get('/api/v1/namespaces/default/events/e')).code, 404);

  const brief = await startServer({ eventTtlSeconds: 60 });
  await brief.post('/api/v1/namespaces/default/events', { metadata: { name: 'e' }, involvedObject, reason: 'Tested' });
  await brief.clock.advance(61_000);
  assert.equal((await brief.get('/api/v1/namespaces/default/events/e')).code, 404);
});
