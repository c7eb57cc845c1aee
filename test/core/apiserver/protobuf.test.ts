/** Protobuf over HTTP: bodies, answers, watch frames, errors. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { kindOf } from '../../../src/core/api/kinds/index.ts';
import { decodeProtobuf, encodeProtobuf } from '../../../src/core/api/protobuf/index.ts';
import { list, req, type StructSchema, struct } from '../../../src/core/api/schema.ts';
import { DeleteOptions, ListMeta, ObjectMeta, Status, TypeMeta } from '../../../src/core/api/types/meta.ts';
import { type Harness, podBody, pods, startServer } from './harness.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const Pod = kindOf('v1', 'Pod')!.schema;
const listOf = (name: string, item: StructSchema) =>
  struct(name, { ...TypeMeta.fields, metadata: req(1, ListMeta), items: req(2, list(item)) });
const Partial = struct('PartialObjectMetadata', { ...TypeMeta.fields, metadata: req(1, ObjectMeta) });
const schemas: Record<string, StructSchema> = {
  Pod,
  Status,
  PodList: listOf('PodList', Pod),
  PartialObjectMetadata: Partial,
  PartialObjectMetadataList: listOf('PartialObjectMetadataList', Partial),
};

let h: Harness;
before(async () => {
  h = await startServer();
});

async function call(method: string, path: string, { body, accept }: { body?: Buffer; accept?: string } = {}) {
  const response = await fetch(`http://127.0.0.1:${h.port}${path}`, {
    method,
    headers: { Accept: accept ?? `${protobuf},application/json`, ...(body && { 'Content-Type': protobuf }) },
    ...(body && { body: new Uint8Array(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get('content-type');
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  const object: any = type === protobuf ? decodeProtobuf(bytes, (_, kind) => schemas[kind]) : bytes.toString();
  return { code: response.status, type, object };
}

const podBytes = (name: string) => encodeProtobuf(Pod, podBody(name));

test('an object is created from protobuf and answered in it', async () => {
  const { code, object } = await call('POST', pods, { body: podBytes('created') });

  assert.equal(code, 201);
  assert.equal(object.kind, 'Pod');
  assert.equal(object.metadata.name, 'created');
  const { body } = await h.get(`${pods}/created`);
  assert.equal(body.spec.containers[0].image, 'test');
  // What was never set does not appear because the original writes its zero.
  assert.ok(!('hostNetwork' in body.spec));
});

test('JSON is answered to protobuf, and protobuf to JSON', async () => {
  const sent = await call('POST', pods, { body: podBytes('in-protobuf'), accept: 'application/json' });
  assert.equal(sent.type, 'application/json');
  assert.equal(JSON.parse(sent.object).metadata.name, 'in-protobuf');

  const read = await call('GET', `${pods}/in-protobuf`);
  assert.equal(read.type, protobuf);
  assert.deepEqual(read.object.spec.containers[0].name, 'main');
});

test('a list, and metadata alone', async () => {
  await h.post(pods, podBody('listed'));
  const all = await call('GET', pods);
  assert.equal(all.object.kind, 'PodList');
  assert.match(all.object.metadata.resourceVersion, /^\d+$/);
  assert.ok(all.object.items.some(({ metadata }: { metadata: ObjectMeta }) => metadata.name === 'listed'));

  const one = await call('GET', `${pods}/listed`, {
    accept: `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`,
  });
  assert.equal(one.object.kind, 'PartialObjectMetadata');
  assert.equal(one.object.metadata.name, 'listed');
  const many = await call('GET', pods, { accept: `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1` });
  assert.equal(many.object.kind, 'PartialObjectMetadataList');
});

test('there is no Table in protobuf', async () => {
  const accept = `${protobuf};as=Table;g=meta.k8s.io;v=v1`;
  assert.equal((await call('GET', pods, { accept })).code, 406);
  const { type } = await call('GET', pods, { accept: `${accept},application/json` });
  assert.equal(type, 'application/json');
});

test('a watch sends frames, bookmarks and errors among them', async () => {
  await h.post(pods, podBody('watched'));
  const name = 'fieldSelector=metadata.name%3Dwatched';
  const query = `watch=true&${name}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
  const headers = { Accept: protobuf };
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${h.port}${pods}?${query}`, { headers, signal: abort.signal });
  assert.equal(response.headers.get('content-type'), `${protobuf};stream=watch`);

  let bytes = Buffer.alloc(0);
  const events: string[] = [];
  const WatchEvent = /^\n(.)/s;
  for await (const chunk of response.body!) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      const frame = bytes.subarray(4, 4 + bytes.readUInt32BE(0));
      bytes = bytes.subarray(4 + frame.length);
      assert.match(frame.toString('latin1'), WatchEvent);
      const type = frame.subarray(2, 2 + frame[1]!).toString();
      const object = decodeProtobuf(frame.subarray(frame.indexOf('k8s\0')), (_, kind) => schemas[kind]) as {
        metadata: { name?: string };
      };
      events.push(`${type} ${object.metadata.name ?? ''}`);
    }
    if (events.length >= 2) break;
  }
  abort.abort();
  assert.deepEqual(events, ['ADDED watched', 'BOOKMARK ']);
});

test('the wishes of a DELETE', async () => {
  await h.post(pods, podBody('kept'));
  const wishes = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'another' } };
  const { code, object } = await call('DELETE', `${pods}/kept`, { body: encodeProtobuf(DeleteOptions, wishes) });

  assert.equal(code, 409);
  assert.equal(object.kind, 'Status');
  assert.match(object.message, /the UID in the precondition \(another\)/);
});

test('an error is a Status in protobuf, and JSON for everyone else', async () => {
  const { code, object } = await call('GET', `${pods}/nothing`);
  assert.equal(code, 404);
  assert.deepEqual(object.details, { name: 'nothing', kind: 'pods' });
  assert.equal(object.code, 404);
  assert.equal(
    (await call('GET', `${pods}/nothing`, { accept: `application/json,${protobuf}` })).type,
    'application/json',
  );
});

test('an object of another kind, and no object at all, are Bad Requests', async () => {
  const secret = encodeProtobuf(kindOf('v1', 'Secret')!.schema, { kind: 'Secret', apiVersion: 'v1' });
  const wrong = await call('POST', pods, { body: secret });
  assert.equal(wrong.code, 400);
  assert.match(wrong.object.message, /^Secret in version "v1" cannot be handled as a Pod/);
  const broken = await call('POST', pods, { body: podBytes('broken').subarray(0, -3) });
  assert.match(broken.object.message, /^the body of the request is not a protobuf object: it ends too early/);
});
