/** The JSON of 2014 and 2015, sent as it was then: what one version has read, each of the others gives back. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Harness, startServer } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer();
});

interface Document {
  /** As the paths of v1beta1 spell it; later ones are in lower case. */
  readonly plural: string;
  readonly isClusterScoped?: boolean;
  readonly body: { readonly kind: string; readonly id: string; readonly [field: string]: unknown };
}

const v1beta1 = 'v1beta1';
const labels = { name: 'web' };
const web = {
  name: 'web',
  image: 'nginx',
  imagePullPolicy: 'PullIfNotPresent',
  ports: [{ containerPort: 80, protocol: 'TCP' }],
};
const manifest = { version: 'v1beta1', id: 'web', containers: [web] };
const redis = {
  name: 'master',
  image: 'dockerfile/redis',
  cpu: 100,
  memory: 67108864,
  command: ['--port', '6379'],
  env: [{ key: 'MODE', value: 'x' }],
  volumeMounts: [{ name: 'data', path: '/data' }],
};
const redisManifest = {
  version: 'v1beta1',
  id: 'redis',
  containers: [redis],
  volumes: [{ name: 'data', source: { hostDir: { path: '/mnt' } } }],
  restartPolicy: { onFailure: {} },
};

const documents: Document[] = [
  {
    plural: 'minions',
    isClusterScoped: true,
    body: {
      kind: 'Minion',
      id: '10.1.2.3',
      resources: { capacity: { cpu: 1000, memory: 1073741824 } },
      labels: { name: 'my-first-k8s-node' },
    },
  },
  { plural: 'pods', body: { kind: 'Pod', id: 'web', labels, desiredState: { manifest } } },
  { plural: 'pods', body: { kind: 'Pod', id: 'redis', desiredState: { manifest: redisManifest } } },
  {
    plural: 'replicationControllers',
    body: {
      kind: 'ReplicationController',
      id: 'frontend',
      desiredState: {
        replicas: 3,
        replicaSelector: labels,
        podTemplate: { desiredState: { manifest }, labels },
      },
      labels,
    },
  },
  {
    plural: 'services',
    body: {
      kind: 'Service',
      id: 'redis-master',
      port: 6379,
      containerPort: 6380,
      selector: labels,
      publicIPs: ['1.2.3.4'],
      portalIP: '10.0.0.7',
    },
  },
  { plural: 'endpoints', body: { kind: 'Endpoints', id: 'web', endpoints: ['10.1.0.2:80', '10.1.0.3:80'] } },
  {
    plural: 'events',
    body: {
      kind: 'Event',
      id: 'web.13dd3d8e1a2b3c4d',
      namespace: 'default',
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'web', fieldPath: 'spec.containers{web}' },
      status: 'running',
      reason: 'started',
      source: 'kubelet',
      host: '10.1.2.3',
      timestamp: '2015-05-11T21:43:34Z',
    },
  },
  { plural: 'secrets', body: { kind: 'Secret', id: 'keys', data: { k: 'c2VzYW1l' } } },
  {
    plural: 'limitRanges',
    body: {
      kind: 'LimitRange',
      id: 'limits',
      spec: { limits: [{ type: 'Pod', max: { cpu: '2', memory: 1073741824 } }] },
    },
  },
  {
    plural: 'resourceQuotas',
    body: { kind: 'ResourceQuota', id: 'quota', spec: { hard: { cpu: '20', memory: 1073741824, pods: 10 } } },
  },
  {
    plural: 'persistentVolumes',
    isClusterScoped: true,
    body: {
      kind: 'PersistentVolume',
      id: 'disk',
      spec: { capacity: { storage: 1024 }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/mnt' } },
    },
  },
  {
    plural: 'persistentVolumeClaims',
    body: {
      kind: 'PersistentVolumeClaim',
      id: 'mine',
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: 1024 } } },
    },
  },
];

function collection(version: string, { plural, isClusterScoped }: Document): string {
  if (version === 'v1beta1' || version === 'v1beta2') return `/api/${version}/${plural}`;
  const lower = plural === 'minions' ? 'nodes' : plural.toLowerCase();
  return `/api/${version}/${isClusterScoped ? '' : 'namespaces/default/'}${lower}`;
}

/** Without what the server says anew of every object; `metadata` of the later versions as the fields of the first. */
function lasting(object: Record<string, unknown>): Record<string, unknown> {
  const { metadata, uid, creationTimestamp, deletionTimestamp, resourceVersion, selfLink, generation, ...rest } =
    object;
  return metadata ? { ...rest, metadata: lasting(metadata as Record<string, unknown>) } : rest;
}

for (const document of documents) {
  describe(`${document.body.kind} ${document.body.id}`, () => {
    const { id } = document.body;
    const at = (version: string) => `${collection(version, document)}/${id}`;
    // At once, since nobody is here to look after what a controller leaves behind.
    const remove = async (version: string) => {
      assert.equal((await h.delete(`${at(version)}?propagationPolicy=Background`)).code, 200);
    };
    const read = async (version: string) => {
      const { code, text, body } = await h.get(at(version));
      assert.equal(code, 200, text);
      return lasting(body);
    };
    const post = async (version: string, body: object) => {
      const { code, text } = await h.post(collection(version, document), body);
      assert.equal(code, 201, text);
    };

    for (const version of ['v1beta1', 'v1beta2', 'v1beta3', 'v1']) {
      test(`goes through ${version} and comes back whole`, async () => {
        await post(v1beta1, { ...document.body, apiVersion: v1beta1 });
        const first = await read(v1beta1);
        const there = await read(version);
        assert.equal(there['apiVersion'], version);
        await remove(version);

        await post(version, there);

        assert.deepEqual(await read(v1beta1), first);
        assert.deepEqual(await read(version), there);
        await remove(v1beta1);
      });
    }
  });
}

describe('the pod of the documents', () => {
  const info = {
    state: { running: { startedAt: '2015-05-11T21:43:50Z' } },
    lastState: {},
    ready: true,
    restartCount: 0,
    image: 'nginx',
    imageID: 'docker://ab12',
    containerID: 'docker://cd34',
  };

  test('runs, and is written as it was', async () => {
    const pods = '/api/v1beta1/pods';
    assert.equal(
      (await h.post(pods, { kind: 'Pod', apiVersion: v1beta1, id: 'web', labels, desiredState: { manifest } })).code,
      201,
    );
    const binding = { kind: 'Binding', apiVersion: v1beta1, podID: 'web', host: '127.0.0.1' };
    assert.equal((await h.post('/api/v1beta1/bindings', binding)).code, 201);
    const { body: bound } = await h.get(`${pods}/web`);
    const conditions = [{ kind: 'Ready', status: 'Full' }];
    const currentState = {
      ...bound.currentState,
      status: 'Running',
      Condition: conditions,
      podIP: '172.17.0.4',
      info: { web: info },
    };
    assert.equal((await h.put(`${pods}/web/status`, { ...bound, currentState })).code, 200);

    const { body: running } = await h.get(`${pods}/web`);
    const { manifest: desired, host } = running.desiredState;
    assert.equal(running.selfLink, '/api/v1beta1/pods/web?namespace=default');
    assert.equal(typeof running.resourceVersion, 'number');
    assert.equal(host, '127.0.0.1');
    assert.deepEqual(
      [desired.version, desired.id, desired.volumes, desired.restartPolicy],
      ['v1beta2', '', null, { always: {} }],
    );
    assert.equal(desired.containers[0].imagePullPolicy, 'PullIfNotPresent');
    assert.deepEqual(running.currentState, {
      manifest: { version: '', id: '', volumes: null, containers: null, restartPolicy: {} },
      status: 'Running',
      Condition: conditions,
      host: '127.0.0.1',
      podIP: '172.17.0.4',
      info: { web: info },
    });
  });

  test('is the same in v1beta3', async () => {
    const { body } = await h.get('/api/v1beta3/namespaces/default/pods/web');
    assert.equal(typeof body.metadata.resourceVersion, 'string');
    assert.deepEqual([body.spec.host, body.spec.restartPolicy, body.spec.volumes], ['127.0.0.1', 'Always', null]);
    assert.equal(body.spec.containers[0].imagePullPolicy, 'IfNotPresent');
    assert.deepEqual(body.status, {
      phase: 'Running',
      Condition: [{ type: 'Ready', status: 'True' }],
      podIP: '172.17.0.4',
      containerStatuses: [{ name: 'web', ...info }],
    });
  });
});

test('errors are the Status of their version', async () => {
  const status = {
    kind: 'Status',
    status: 'Failure',
    message: 'pods "nobody" not found',
    reason: 'NotFound',
    code: 404,
  };
  const details = { id: 'nobody', kind: 'pods' };
  const before = await h.get('/api/v1beta1/pods/nobody');
  assert.deepEqual(before.body, { ...status, details, apiVersion: v1beta1, creationTimestamp: null });
  const third = await h.get('/api/v1beta3/namespaces/default/pods/nobody');
  assert.deepEqual(third.body, { ...status, details, apiVersion: 'v1beta3', metadata: {} });
  const today = await h.get('/api/v1/namespaces/default/pods/nobody');
  assert.deepEqual(today.body.details, { name: 'nobody', kind: 'pods' });
});
