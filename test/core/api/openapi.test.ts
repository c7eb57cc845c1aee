/** OpenAPI documents: every field has a sentence, every reference leads somewhere, and the marks of the types show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../../../src/core/api/kinds/index.ts';
import { gnosticDocument, openApiV2, openApiV3 } from '../../../src/core/api/openapi/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: the tests look into documents of every shape
type Any = any;
const v2: Any = openApiV2(kinds, 'v1.2.3');
const v3: Any = openApiV3(kinds, 'v1.2.3');
const schemas = v3.components.schemas;
const core = (name: string) => schemas[`io.k8s.api.core.v1.${name}`];
const pods = '/api/v1/namespaces/{namespace}/pods';

test('every struct and every field has a sentence', () => {
  for (const [name, { description, properties = {} }] of Object.entries<Any>(schemas)) {
    assert.match(description, /^[A-Z].*\.$/s, name);
    for (const [field, property] of Object.entries<Any>(properties)) {
      assert.match(property.description, /^[A-Z].*\.$/s, `${name}.${field}`);
    }
  }
});

test('every reference leads to a definition', () => {
  for (const [document, root, definitions] of [
    [v2, '#/definitions/', v2.definitions],
    [v3, '#/components/schemas/', schemas],
  ]) {
    const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g);
    let count = 0;
    for (const [, reference = ''] of references) {
      assert.ok(reference.startsWith(root) && definitions[reference.slice(root.length)], reference);
      count++;
    }
    assert.ok(count > 100);
  }
});

test('scalars are named and formed as in the original', () => {
  const { properties } = core('ResourceRequirements');
  const quantity = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' };
  assert.deepEqual(properties.limits.additionalProperties, quantity);
  assert.equal(v2.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString'].format, 'int-or-string');
  assert.equal(core('Secret').properties.data.additionalProperties.format, 'byte');
  assert.equal(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.Time'].format, 'date-time');
});

test('required, default, closed values and the marks for patches', () => {
  assert.deepEqual(core('Container').required, ['name']);
  assert.deepEqual(core('ServicePort').required, ['port']);
  assert.deepEqual(core('ContainerPort').properties.protocol.enum, ['SCTP', 'TCP', 'UDP']);
  assert.equal(v2.definitions['io.k8s.api.core.v1.ContainerPort'].properties.protocol.enum, undefined);
  assert.equal(core('RBDVolumeSource').properties.pool.default, 'rbd');
  const { ports } = core('Container').properties;
  assert.equal(ports['x-kubernetes-patch-strategy'], 'merge');
  assert.equal(ports['x-kubernetes-patch-merge-key'], 'containerPort');
  assert.equal(ports['x-kubernetes-list-type'], 'map');
  assert.deepEqual(ports['x-kubernetes-list-map-keys'], ['containerPort', 'protocol']);
  assert.equal(core('LocalObjectReference')['x-kubernetes-map-type'], 'atomic');
});

test('embedded structs have their fields and sentences in the outer one', () => {
  const { properties } = core('Volume');
  assert.deepEqual(properties.emptyDir.allOf, [
    { $ref: '#/components/schemas/io.k8s.api.core.v1.EmptyDirVolumeSource' },
  ]);
  assert.equal(properties.emptyDir.description, 'A directory that begins empty and ends with the pod.');
});

test('kinds, lists and options are found by group, version and kind', () => {
  assert.deepEqual(core('Pod')['x-kubernetes-group-version-kind'], [{ group: '', version: 'v1', kind: 'Pod' }]);
  assert.deepEqual(core('PodList')['x-kubernetes-group-version-kind'], [{ group: '', version: 'v1', kind: 'PodList' }]);
  const options = schemas['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'];
  assert.equal(options['x-kubernetes-group-version-kind'][0].kind, 'DeleteOptions');
});

test('PATCH says that the server validates, in both versions', () => {
  for (const document of [v2, v3]) {
    for (const path of [`${pods}/{name}`, `${pods}/{name}/status`, '/api/v1/nodes/{name}']) {
      const { patch } = document.paths[path];
      assert.deepEqual(Object.keys(patch['x-kubernetes-group-version-kind']), ['group', 'version', 'kind']);
      const names = patch.parameters.filter((p: Any) => p.in === 'query').map((p: Any) => p.name);
      for (const name of ['dryRun', 'fieldManager', 'fieldValidation', 'force']) assert.ok(names.includes(name), name);
    }
  }
});

test('there are the paths and operations that there are', () => {
  assert.deepEqual(Object.keys(v3.paths[pods]).sort(), ['delete', 'get', 'parameters', 'post']);
  assert.deepEqual(Object.keys(v3.paths['/api/v1/pods']).sort(), ['get', 'parameters']);
  assert.deepEqual(Object.keys(v3.paths['/api/v1/namespaces']).sort(), ['get', 'parameters', 'post']);
  assert.equal(v3.paths['/api/v1/namespaces/{namespace}/bindings'].get, undefined);
  const ids = Object.values<Any>(v3.paths).flatMap(({ parameters: _, ...operations }) =>
    Object.values<Any>(operations).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
  for (const id of [
    'listCoreV1NamespacedPod',
    'listCoreV1PodForAllNamespaces',
    'createCoreV1NamespacedPod',
    'patchCoreV1NamespacedPodStatus',
    'readCoreV1NamespacedPodLog',
    'deleteCoreV1CollectionNamespacedPod',
    'readCoreV1Node',
  ]) {
    assert.ok(ids.includes(id), id);
  }
});

test('the protobuf form holds the same names, and its marks as YAML', () => {
  const bytes = gnosticDocument(v2);
  // swagger#1 "2.0"
  assert.equal(bytes.subarray(0, 5).toString('latin1'), '\n\x032.0');
  for (const name of [...Object.keys(v2.definitions), ...Object.keys(v2.paths)]) {
    assert.ok(bytes.includes(name), name);
  }
  assert.ok(bytes.includes('[{"group":"","version":"v1","kind":"Pod"}]'));
});
