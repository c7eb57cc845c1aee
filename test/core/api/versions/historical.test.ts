/** JSON as it was in the documents and answers of 0.7.2 and 0.17, in terms of v1 and back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeObject as decodeStrictly } from '../../../../src/core/api/decode.ts';
import { kindOf } from '../../../../src/core/api/kinds/index.ts';
import {
  decodeBody,
  encodeObject,
  type OlderVersion,
  podOfManifest,
  resourceAt,
} from '../../../../src/core/api/versions/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: the tests look into objects of every shape
type Any = any;

/** Through the strict decoder of the kind, as a body of a request. */
function read(version: OlderVersion, plural: string, old: object): Any {
  const resource = resourceAt(version, plural)!;
  const { object, warnings } = decodeStrictly(
    kindOf('v1', resource.kind)!,
    decodeBody(version, resource, old),
    'Strict',
  );
  assert.deepEqual(warnings, []);
  return JSON.parse(JSON.stringify(object));
}

const write = (version: OlderVersion, plural: string, object: object): Any =>
  JSON.parse(JSON.stringify(encodeObject(version, resourceAt(version, plural)!, object)));

const runningWeb = {
  kind: 'Pod',
  id: 'web',
  uid: '3f5c1a2e-f839-11e4-8d2c-42010af00002',
  creationTimestamp: '2015-05-11T21:43:34Z',
  selfLink: '/api/v1beta1/pods/web?namespace=default',
  resourceVersion: 42,
  apiVersion: 'v1beta1',
  namespace: 'default',
  labels: { name: 'web' },
  desiredState: {
    manifest: {
      version: 'v1beta2',
      id: '',
      volumes: null,
      containers: [
        {
          name: 'web',
          image: 'nginx',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          imagePullPolicy: 'PullIfNotPresent',
          capabilities: {},
          securityContext: { capabilities: {}, privileged: false },
        },
      ],
      restartPolicy: { always: {} },
      dnsPolicy: 'ClusterFirst',
    },
    host: '127.0.0.1',
  },
  currentState: {
    manifest: { version: '', id: '', volumes: null, containers: null, restartPolicy: {} },
    status: 'Running',
    Condition: [{ kind: 'Ready', status: 'Full' }],
    host: '127.0.0.1',
    podIP: '172.17.0.4',
    info: {
      web: {
        state: { running: { startedAt: '2015-05-11T21:43:50Z' } },
        lastState: {},
        ready: true,
        restartCount: 0,
        image: 'nginx',
        imageID: 'docker://ab12',
        containerID: 'docker://cd34',
      },
    },
  },
};

const runningWeb3 = {
  kind: 'Pod',
  apiVersion: 'v1beta3',
  metadata: {
    name: 'web',
    namespace: 'default',
    selfLink: '/api/v1beta1/pods/web?namespace=default',
    uid: runningWeb.uid,
    resourceVersion: '42',
    creationTimestamp: runningWeb.creationTimestamp,
    labels: { name: 'web' },
  },
  spec: {
    volumes: null,
    containers: [{ ...runningWeb.desiredState.manifest.containers[0], imagePullPolicy: 'IfNotPresent' }],
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    host: '127.0.0.1',
  },
  status: {
    phase: 'Running',
    Condition: [{ type: 'Ready', status: 'True' }],
    podIP: '172.17.0.4',
    containerStatuses: [{ name: 'web', ...runningWeb.currentState.info.web }],
  },
};

describe('the pod of the documents', () => {
  test('is the same pod in v1beta1 and v1beta3', () => {
    const pod = read('v1beta1', 'pods', runningWeb);
    assert.deepEqual(pod, read('v1beta3', 'pods', runningWeb3));
    assert.equal(pod.spec.nodeName, '127.0.0.1');
    assert.equal(pod.spec.containers[0].imagePullPolicy, 'IfNotPresent');
    assert.deepEqual(
      pod.status.conditions.map(({ type, status }: Any) => [type, status]),
      [['Ready', 'True']],
    );
    assert.equal(pod.status.containerStatuses[0].state.running.startedAt, '2015-05-11T21:43:50Z');
  });

  test('is written as it was', () => {
    const pod = read('v1beta1', 'pods', runningWeb);
    assert.deepEqual(write('v1beta1', 'pods', pod), runningWeb);
    assert.deepEqual(write('v1beta3', 'pods', pod), runningWeb3);
  });
});

test('a container of 0.7.2: cpu and memory of its own, command, key and path', () => {
  const containers = [
    {
      name: 'master',
      image: 'dockerfile/redis',
      cpu: 100,
      memory: 67108864,
      entrypoint: ['redis-server'],
      command: ['--port', '6379'],
      privileged: true,
      env: [{ key: 'MODE', value: 'x' }],
      volumeMounts: [{ name: 'data', path: '/data', readOnly: true }],
      livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 30 },
    },
  ];
  const volumes = [
    { name: 'data', source: { hostDir: { path: '/mnt' } } },
    { name: 'disk', source: { persistentDisk: { pdName: 'd', fsType: 'ext4', readOnly: true } } },
    { name: 'keys', source: { secret: { target: { kind: 'Secret', name: 'keys', namespace: 'other' } } } },
    { name: 'none' },
  ];
  const manifest = { version: 'v1beta1', id: 'redis', containers, volumes, restartPolicy: { onFailure: {} } };
  const { spec } = read('v1beta1', 'pods', {
    kind: 'Pod',
    apiVersion: 'v1beta1',
    id: 'redis',
    desiredState: { manifest },
  });

  const [master] = spec.containers;
  assert.deepEqual(master.resources, { limits: { cpu: '100m', memory: '64Mi' } });
  assert.deepEqual([master.command, master.args], [['redis-server'], ['--port', '6379']]);
  assert.deepEqual(master.securityContext, { privileged: true });
  assert.deepEqual(master.env, [{ name: 'MODE', value: 'x' }]);
  assert.deepEqual(master.volumeMounts, [{ name: 'data', readOnly: true, mountPath: '/data' }]);
  assert.equal(spec.restartPolicy, 'OnFailure');
  assert.deepEqual(spec.volumes, [
    { name: 'data', hostPath: { path: '/mnt' } },
    { name: 'disk', gcePersistentDisk: { pdName: 'd', fsType: 'ext4', readOnly: true } },
    { name: 'keys', secret: { secretName: 'keys' } },
    { name: 'none' },
  ]);
});

test('limits of resources come before cpu and memory', () => {
  const containers = [{ name: 'a', image: 'b', cpu: 100, memory: 5, resources: { limits: { cpu: '0.5' } } }];
  const { spec } = read('v1beta2', 'pods', { desiredState: { manifest: { containers } } });
  assert.deepEqual(spec.containers[0].resources.limits, { cpu: '500m', memory: '5' });
});

test('v1beta2 does not know the first names of env and mounts', () => {
  const containers = [
    { name: 'a', image: 'b', env: [{ key: 'A' }], volumeMounts: [{ name: 'v', path: '/v', mountPath: '/w' }] },
  ];
  const { spec } = read('v1beta2', 'pods', { desiredState: { manifest: { containers } } });
  assert.equal(spec.containers[0].env[0].name, '');
  assert.equal(spec.containers[0].volumeMounts[0].mountPath, '/w');
});

test('phases: 0.7.2 said Terminated of every end', () => {
  for (const [old, phase] of [
    ['Waiting', 'Pending'],
    ['Running', 'Running'],
    ['Terminated', 'Failed'],
    ['Succeeded', 'Succeeded'],
    ['Unknown', 'Unknown'],
  ]) {
    const pod = read('v1beta1', 'pods', { currentState: { status: old, info: { net: {}, POD: {} } } });
    assert.equal(pod.status.phase, phase);
    assert.equal(pod.status.containerStatuses, undefined);
    assert.equal(write('v1beta1', 'pods', pod).currentState.status, old);
  }
});

test('the replication controller of 0.7.2', () => {
  const rc = read('v1beta1', 'replicationControllers', {
    id: 'frontend',
    kind: 'ReplicationController',
    apiVersion: 'v1beta1',
    desiredState: {
      replicas: 3,
      replicaSelector: { name: 'frontend' },
      podTemplate: {
        desiredState: {
          manifest: { version: 'v1beta1', id: 'frontend', containers: [{ name: 'php', image: 'php' }] },
        },
        labels: { name: 'frontend' },
      },
    },
    labels: { name: 'frontend' },
  });

  assert.equal(rc.metadata.name, 'frontend');
  assert.equal(rc.spec.replicas, 3);
  assert.deepEqual(rc.spec.selector, { name: 'frontend' });
  assert.deepEqual(rc.spec.template.metadata.labels, { name: 'frontend' });
  assert.equal(rc.spec.template.spec.containers[0].image, 'php');
  assert.equal(read('v1beta3', 'replicationcontrollers', { spec: {} }).spec.replicas, 0);
});

test('a service with one port, and what 0.17 made of it', () => {
  const service = read('v1beta1', 'services', {
    kind: 'Service',
    apiVersion: 'v1beta1',
    id: 'redis-master',
    port: 6379,
    containerPort: 6380,
    selector: { name: 'redis-master' },
    createExternalLoadBalancer: true,
    publicIPs: ['1.2.3.4'],
    portalIP: '10.0.0.7',
  });
  assert.deepEqual(service.spec, {
    ports: [{ port: 6379, targetPort: 6380 }],
    selector: { name: 'redis-master' },
    clusterIP: '10.0.0.7',
    type: 'LoadBalancer',
    externalIPs: ['1.2.3.4'],
  });

  const old = write('v1beta2', 'services', service);
  assert.deepEqual([old.port, old.containerPort, old.portalIP], [6379, 6380, '10.0.0.7']);
  assert.deepEqual(old.ports, [{ port: 6379, containerPort: 6380 }]);
  assert.equal(write('v1beta3', 'services', service).spec.createExternalLoadBalancer, true);
});

test('endpoints: a list of ip:port, with 0.17 subsets as well', () => {
  const endpoints = read('v1beta1', 'endpoints', {
    kind: 'Endpoints',
    apiVersion: 'v1beta1',
    id: 'web',
    endpoints: ['10.1.0.2:80', '10.1.0.3:80', '10.1.0.4:81'],
  });
  assert.deepEqual(endpoints.subsets, [
    { addresses: [{ ip: '10.1.0.2' }, { ip: '10.1.0.3' }], ports: [{ port: 80, protocol: 'TCP' }] },
    { addresses: [{ ip: '10.1.0.4' }], ports: [{ port: 81, protocol: 'TCP' }] },
  ]);

  const old = write('v1beta1', 'endpoints', endpoints);
  assert.deepEqual(old.endpoints, ['10.1.0.2:80', '10.1.0.3:80', '10.1.0.4:81']);
  assert.equal(old.protocol, 'TCP');
  assert.deepEqual(old.subsets[1].addresses, [{ IP: '10.1.0.4' }]);
  const none = write('v1beta1', 'endpoints', { metadata: { name: 'none' } });
  assert.deepEqual([none.endpoints, none.subsets], [null, []]);
});

test("the handbook's minion", () => {
  const node = read('v1beta1', 'minions', {
    id: '10.1.2.3',
    kind: 'Minion',
    apiVersion: 'v1beta1',
    resources: { capacity: { cpu: 1000, memory: 1073741824 } },
    labels: { name: 'my-first-k8s-node' },
  });
  assert.equal(node.metadata.name, '10.1.2.3');
  assert.deepEqual(node.status.capacity, { cpu: '1k', memory: '1Gi' });
  assert.deepEqual(write('v1beta1', 'minions', node).resources.capacity, { cpu: '1000', memory: 1073741824 });
  assert.deepEqual(read('v1beta1', 'nodes', { kind: 'Node', id: 'x', apiVersion: 'v1beta1' }).kind, 'Node');
});

test('a minion tells its address, and its conditions in other words', () => {
  const old = {
    hostIP: '10.1.2.3',
    status: {
      phase: 'Running',
      conditions: [{ kind: 'Ready', status: 'Full', lastProbeTime: '2015-05-11T21:43:34Z' }],
    },
  };
  const node = read('v1beta1', 'minions', old);
  assert.deepEqual(node.status.addresses, [{ type: 'LegacyHostIP', address: '10.1.2.3' }]);
  const [condition] = node.status.conditions;
  assert.deepEqual(
    [condition.type, condition.status, condition.lastHeartbeatTime],
    ['Ready', 'True', '2015-05-11T21:43:34Z'],
  );
  assert.equal(write('v1beta1', 'minions', node).hostIP, '10.1.2.3');
  assert.equal(write('v1beta2', 'minions', node).status.conditions[0].status, 'Full');
  assert.equal(write('v1beta3', 'nodes', node).status.conditions[0].status, 'True');
});

test('an event of 0.7.2 has one time and a source of one word', () => {
  const event = read('v1beta1', 'events', {
    kind: 'Event',
    apiVersion: 'v1beta1',
    id: 'web.1',
    namespace: 'default',
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
    status: 'running',
    reason: 'started',
    source: 'kubelet',
    host: '10.1.2.3',
    timestamp: '2015-05-11T21:43:34Z',
  });
  assert.deepEqual(event.source, { component: 'kubelet', host: '10.1.2.3' });
  assert.deepEqual([event.firstTimestamp, event.lastTimestamp], Array(2).fill('2015-05-11T21:43:34Z'));
});

test('bindings', () => {
  const old = { kind: 'Binding', apiVersion: 'v1beta1', podID: 'web', host: '10.1.2.3' };
  const binding = read('v1beta1', 'bindings', old);
  assert.equal(binding.metadata.name, 'web');
  assert.deepEqual(binding.target, { kind: 'Node', name: '10.1.2.3' });
  const newer = read('v1beta3', 'bindings', { metadata: { name: 'web' }, target: { kind: 'Minion', name: 'a' } });
  assert.deepEqual(newer.target, { kind: 'Node', name: 'a' });
});

test('namespaces and secrets', () => {
  const namespace = read('v1beta1', 'namespaces', {
    id: 'a',
    labels: { b: 'c' },
    spec: { finalizers: ['kubernetes'] },
  });
  assert.deepEqual([namespace.metadata.labels, namespace.spec], [{ b: 'c' }, { finalizers: ['kubernetes'] }]);
  const secret = read('v1beta2', 'secrets', { id: 'a', labels: { b: 'c' }, data: { k: 'c2VzYW1l' }, type: 'Opaque' });
  assert.deepEqual([secret.metadata.labels, secret.data], [undefined, { k: 'c2VzYW1l' }]);
});

test('a manifest alone is a pod', () => {
  const pod = podOfManifest({
    version: 'v1beta1',
    id: 'static',
    uuid: '0123',
    containers: [{ name: 'a', image: 'b', command: ['c'] }],
  });
  const { object } = decodeStrictly(kindOf('v1', 'Pod')!, pod, 'Strict');
  const { metadata, spec } = object as Any;
  assert.deepEqual([metadata.name, metadata.uid, spec.containers[0].args], ['static', '0123', ['c']]);
});

describe('amounts before v1beta3', () => {
  const capacity = (amounts: object) =>
    read('v1beta1', 'minions', { id: 'a', resources: { capacity: amounts } }).status.capacity;

  test('whole numbers as such or in quotes, cores also with a fraction', () => {
    assert.deepEqual(capacity({ cpu: '0.5', memory: '1024', pods: 110 }), { cpu: '500m', memory: '1Ki', pods: '110' });
    assert.deepEqual(capacity({ cpu: '0.12345' }), { cpu: '123m' });
  });

  test('a bare fraction and the suffixes of v1beta3 are refused', () => {
    for (const wrong of [{ cpu: 0.5 }, { cpu: '500m' }, { memory: '64Mi' }, { memory: '0.5' }, { pods: true }]) {
      assert.throws(() => capacity(wrong), /is not an amount/);
    }
  });

  test('what is finer is rounded up', () => {
    const node = { metadata: { name: 'a' }, status: { capacity: { cpu: '1n', memory: '100m', pods: '0' } } };
    assert.deepEqual(write('v1beta2', 'minions', node).resources.capacity, { cpu: '0.001', memory: 1, pods: 0 });
  });
});

describe('bodies', () => {
  const pods = resourceAt('v1beta1', 'pods')!;

  test('may be of another version than the path', () => {
    const { metadata } = decodeBody('v1beta3', pods, { kind: 'Pod', apiVersion: 'v1beta1', id: 'a' });
    assert.equal((metadata as Any).name, 'a');
    assert.deepEqual(decodeBody('v1beta1', pods, { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } }).metadata, {
      name: 'a',
    });
  });

  test('of another kind, of no version and of no type are refused', () => {
    const refuses = (body: unknown, words: RegExp) => assert.throws(() => decodeBody('v1beta1', pods, body), words);
    refuses(
      { kind: 'Service', apiVersion: 'v1beta1' },
      /^ApiError: Service in version v1beta1 cannot be handled as a Pod/,
    );
    refuses({ kind: 'Pod', apiVersion: 'v1beta9' }, /no kind "Pod" is registered for version "v1beta9"$/);
    refuses({ kind: 'Unicorn', apiVersion: 'v1beta1' }, /no kind "Unicorn" is registered/);
    refuses('text', /^ApiError: the object provided is unrecognized \(must be of type Pod\)/);
  });
});

test('values of the wrong type reach the decoder that names them', () => {
  const body = decodeBody('v1beta1', resourceAt('v1beta1', 'pods')!, {
    desiredState: { manifest: { containers: { name: 'a' } } },
  });
  assert.throws(() => decodeStrictly(kindOf('v1', 'Pod')!, body, 'Ignore'), /spec\.containers must be a list/);
});
