import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeObject, type FieldValidation } from '../../../src/core/api/decode.ts';
import { Event, Node, Pod, ReplicationController, Secret, Service } from '../../../src/core/api/kinds/index.ts';
import { ApiError } from '../../../src/core/api/status.ts';

const decode = (body: unknown, validation: FieldValidation = 'Strict') => decodeObject(Pod, body, validation);

function refused(body: unknown, message: string | RegExp, validation: FieldValidation = 'Strict'): void {
  assert.throws(
    () => decode(body, validation),
    (error) => {
      assert.ok(error instanceof ApiError && error.code === 400);
      if (typeof message === 'string') assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    },
  );
}

test('members come out in schema order, kind and apiVersion first, whatever order they came in', () => {
  const { object } = decode({
    spec: { nodeName: 'a', containers: [{ image: 'i', name: 'c' }] },
    metadata: { labels: { b: '1', a: '2' }, name: 'web' },
  });
  assert.equal(
    JSON.stringify(object),
    '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","labels":{"b":"1","a":"2"}},' +
      '"spec":{"containers":[{"name":"c","image":"i","resources":{}}],"nodeName":"a"},"status":{}}',
  );
});

test('always written fields get their zero values, optional ones nothing', () => {
  const event = decodeObject(Event, {}, 'Strict').object;
  assert.deepEqual(event, {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: {},
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
  });
  assert.deepEqual(decodeObject(Service, {}, 'Strict').object.status, { loadBalancer: {} });
  assert.equal(decodeObject(Node, {}, 'Strict').object.status.daemonEndpoints.kubeletEndpoint.Port, 0);
});

test('null is as good as absent; empty lists and maps are left out, zero scalars are kept', () => {
  const controller = decodeObject(
    ReplicationController,
    { metadata: { labels: {}, annotations: null, finalizers: [] }, spec: { replicas: 0, selector: null } },
    'Strict',
  ).object;
  assert.deepEqual(controller.metadata, {});
  assert.deepEqual(controller.spec, { replicas: 0 });
  assert.deepEqual(decode({ spec: { volumes: [{ name: 'v', emptyDir: {} }] } }).object.spec.volumes, [
    { name: 'v', emptyDir: {} },
  ]);
});

test('scalars come out in their canonical form', () => {
  const resources = { limits: { cpu: 0.5, memory: '1024Mi', 'example.com/gpu': 2 } };
  const { containers } = decode({ spec: { containers: [{ name: 'c', resources }] } }).object.spec;
  assert.deepEqual(containers[0]!.resources.limits, { cpu: '500m', memory: '1Gi', 'example.com/gpu': '2' });

  const event = decodeObject(
    Event,
    {
      firstTimestamp: '2026-11-25T12:00:00+02:00',
      lastTimestamp: '2026-11-25T10:00:00.9Z',
      eventTime: '2026-11-25T10:00:00.12Z',
    },
    'Strict',
  ).object;
  assert.equal(event.firstTimestamp, '2026-11-25T10:00:00Z');
  assert.equal(event.lastTimestamp, '2026-11-25T10:00:00Z');
  assert.equal(event.eventTime, '2026-11-25T10:00:00.120000Z');
  assert.equal(decodeObject(Secret, { data: { k: 'YWJj\nZGVm\n' } }, 'Strict').object.data?.['k'], 'YWJjZGVm');
});

test('Strict lists every unknown field with its path and what was probably meant', () => {
  refused(
    { spec: { containers: [{ name: 'c', imagee: 'x', Image: 'y' }, { prots: [] }] }, zzzzzz: 1 },
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: ' +
      'unknown field "spec.containers[0].imagee" (did you mean "image"?), ' +
      'unknown field "spec.containers[0].Image" (did you mean "image"?), ' +
      'unknown field "spec.containers[1].prots" (did you mean "ports"?), unknown field "zzzzzz"',
  );
});

test('Warn drops unknown fields and says so, Ignore only drops them', () => {
  const body = { metadata: { name: 'web', lables: {} } };
  const warned = decode(body, 'Warn');
  assert.deepEqual(warned.warnings, ['unknown field "metadata.lables" (did you mean "labels"?)']);
  assert.deepEqual(warned.object.metadata, { name: 'web' });
  assert.deepEqual(decode(body, 'Ignore').warnings, []);
});

test('a body full of unknown fields gets a bounded answer', () => {
  const body = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`field${i}`, i]));
  assert.equal(decode(body, 'Warn').warnings.length, 100);
});

test('a wrong type is refused in the original words, with the place and what is allowed there', () => {
  refused(
    { spec: { containers: [{}, { ports: [{ containerPort: 'http' }] }] } },
    'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field ' +
      'ContainerPort.spec.containers.ports.containerPort of type int32: spec.containers[1].ports[0].containerPort ' +
      'must be a whole number between -2147483648 and 2147483647, not "http"',
  );
  refused(
    { spec: { containers: { name: 'c' } } },
    /of type \[\]v1\.Container: spec\.containers must be a list, not an object$/,
  );
  refused(
    { spec: { activeDeadlineSeconds: 1.5 } },
    /cannot unmarshal number 1\.5 into .* must be a whole number, not 1\.5$/,
  );
  refused({ spec: { containers: [{ ports: [{ hostPort: 2 ** 31 }] }] } }, /hostPort must be a whole number between/);
  refused({ metadata: { labels: { version: 1.1 } } }, /must be a string, not 1\.1 \(in YAML, quote it: "1\.1"\)$/);
  refused({ spec: { hostNetwork: 'yes' } }, /of type bool: spec\.hostNetwork must be true or false, not "yes"$/);
  refused(
    { spec: { containers: [{ resources: { limits: { cpu: 'lots' } } }] } },
    /limits\.cpu must be a quantity such as 500m/,
  );
  refused({ metadata: { deletionTimestamp: 'today' } }, /metadata\.deletionTimestamp must be a time such as/);
  refused(
    { spec: { containers: [{ livenessProbe: { httpGet: { port: true } } }] } },
    /port must be a whole number or a string/,
  );
  assert.throws(() => decodeObject(Secret, { data: { k: 'not base64!' } }, 'Strict'), /data\.k must be base64 text/);
});

test('a body that is no object, or one of another kind or version, is refused', () => {
  for (const body of [undefined, null, [], 'pod', 7]) refused(body, /the body must be a JSON object, not /);
  refused(
    { kind: 'Service' },
    'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion',
  );
  refused(
    { apiVersion: 'v1beta3' },
    'the API version in the data (v1beta3) does not match the expected API version (v1)',
  );
});

test('members with the names of prototypes do no harm', () => {
  const body = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":1,"metadata":{"prototype":1,"labels":{"__proto__":"x","constructor":"y"}}}',
  );
  const { object, warnings } = decode(body, 'Warn');
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.equal(JSON.stringify(object.metadata), '{"labels":{"__proto__":"x","constructor":"y"}}');
  assert.deepEqual(warnings, [
    'unknown field "metadata.prototype"',
    'unknown field "__proto__"',
    'unknown field "constructor"',
  ]);
});

test('JSON of any shape in an open field is copied, to a depth', () => {
  const fieldsV1 = { 'f:spec': { '.': {}, 'k:{"name":"c"}': [1, null, 'x'] } };
  const { object } = decode({ metadata: { managedFields: [{ fieldsV1 }] } });
  const copy = object.metadata.managedFields?.[0]?.fieldsV1;
  assert.deepEqual(copy, fieldsV1);
  assert.notEqual(copy, fieldsV1);
  let deep: unknown = {};
  for (let i = 0; i < 100_000; i++) deep = { a: deep };
  assert.throws(() => decode({ metadata: { managedFields: [{ fieldsV1: deep }] } }), ApiError);
});

/** Pods with most things wrong: any JSON in place of some member. */
const anyPod = fc.record(
  {
    metadata: fc.oneof(
      fc.jsonValue(),
      fc.record({ name: fc.jsonValue(), labels: fc.jsonValue() }, { requiredKeys: [] }),
    ),
    spec: fc.record(
      {
        containers: fc.array(fc.oneof(fc.jsonValue(), fc.record({ name: fc.string(), ports: fc.jsonValue() }))),
        volumes: fc.jsonValue(),
        nodeSelector: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.constant(null))),
      },
      { requiredKeys: [] },
    ),
    status: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

test('any JSON at all either decodes to something that decodes to itself, or is a BadRequest', () => {
  fc.assert(
    fc.property(anyPod, (body) => {
      let first: string;
      try {
        const { object } = decode(body, 'Warn');
        first = JSON.stringify(object);
      } catch (error) {
        assert.ok(error instanceof ApiError && error.code === 400, String(error));
        return;
      }
      assert.equal(JSON.stringify(decode(JSON.parse(first)).object), first);
    }),
  );
});
