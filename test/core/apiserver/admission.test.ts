/** Plug-ins that every write has to pass, chosen by name. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Harness, podBody, pods, startServer } from './harness.ts';

const inNamespace = (resource: string, namespace = 'default') => `/api/v1/namespaces/${namespace}/${resource}`;
const limits = inNamespace('limitranges');

test('a name that no plug-in has is refused, with those there are', async () => {
  await assert.rejects(
    startServer({ admission: ['LimitRanger', 'Nonsense'] }),
    /unknown admission plug-in Nonsense: there are AlwaysAdmit, .*ResourceQuota$/,
  );
});

describe('AlwaysDeny', () => {
  test('refuses writes of every kind, and the server still starts', async () => {
    const h = await startServer({ admission: ['AlwaysDeny'] });
    const { code, body } = await h.post(pods, podBody('web'));
    assert.equal(code, 403);
    assert.equal(body.message, 'pods "web" is forbidden: admission control is denying all modifications');
    assert.equal((await h.get('/api/v1/namespaces/default')).code, 200);
    assert.equal((await h.delete('/api/v1/namespaces/default')).code, 403);
  });
});

test('SecurityContextDeny refuses pods that want to run as somebody', async () => {
  const h = await startServer({ admission: ['SecurityContextDeny'] });
  const [container] = podBody('a').spec.containers;
  for (const [spec, why] of [
    [{ securityContext: { fsGroup: 0 } }, 'pod.Spec.SecurityContext.FSGroup is forbidden'],
    [{ securityContext: { seLinuxOptions: {} } }, 'pod.Spec.SecurityContext.SELinuxOptions is forbidden'],
    [{ containers: [{ ...container, securityContext: { runAsUser: 1 } }] }, 'SecurityContext.RunAsUser is forbidden'],
  ] as const) {
    const body = podBody('denied');
    const answer = await h.post(pods, { ...body, spec: { ...body.spec, ...spec } });
    assert.deepEqual([answer.code, answer.body.message], [403, `pods "denied" is forbidden: ${why}`]);
  }
  const privileged = { ...container, securityContext: { privileged: true } };
  const { code } = await h.post(pods, { ...podBody('free'), spec: { containers: [privileged] } });
  assert.equal(code, 201);
});

describe('namespaces', () => {
  const secret = { metadata: { name: 's' } };
  const nowhere = inNamespace('secrets', 'nowhere');

  for (const admission of [undefined, ['NamespaceLifecycle'], ['NamespaceExists']]) {
    test(`must be there with ${admission ?? 'the usual plug-ins'}`, async () => {
      const h = await startServer({ admission });
      const { code, body } = await h.post(nowhere, secret);
      assert.equal(code, 404);
      assert.equal(body.message, 'namespaces "nowhere" not found');
    });
  }

  test('need not be there with AlwaysAdmit', async () => {
    const h = await startServer({ admission: ['AlwaysAdmit'] });
    assert.equal((await h.post(nowhere, secret)).code, 201);
  });

  test('are made as they are needed with NamespaceAutoProvision, once', async () => {
    const h = await startServer({ admission: ['NamespaceLifecycle', 'NamespaceAutoProvision'] });
    const answers = await Promise.all([1, 2, 3].map((n) => h.post(nowhere, { metadata: { name: `s${n}` } })));
    assert.deepEqual(
      answers.map(({ code }) => code),
      [201, 201, 201],
    );
    assert.equal((await h.get('/api/v1/namespaces/nowhere')).body.status.phase, 'Active');
    const bad = await h.post(inNamespace('secrets', 'No_Where'), secret);
    assert.equal(bad.code, 404);
    assert.equal((await h.get('/api/v1/namespaces/No_Where')).code, 404);
  });
});

describe('LimitRanger', () => {
  let h: Harness;
  before(async () => {
    h = await startServer();
    const spec = {
      limits: [
        { type: 'Pod', max: { cpu: '2' } },
        {
          type: 'Container',
          max: { cpu: '1' },
          min: { cpu: '50m', memory: '4Mi' },
          default: { cpu: '500m', memory: '64Mi' },
          defaultRequest: { cpu: '100m' },
          maxLimitRequestRatio: { cpu: '10' },
        },
        { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } },
      ],
    };
    assert.equal((await h.post(limits, { metadata: { name: 'limits' }, spec })).code, 201);
  });
  const withResources = (name: string, ...resources: object[]) => ({
    metadata: { name },
    spec: { containers: resources.map((one, i) => ({ name: `c${i}`, image: 'test', resources: one })) },
  });

  test('gives containers what they do not say, and says so', async () => {
    const { body } = await h.post(pods, withResources('silent', {}, { limits: { cpu: '1' } }));
    const [first, second] = body.spec.containers.map(({ resources }: { resources: object }) => resources);
    const memory = '64Mi';
    assert.deepEqual(first, { limits: { cpu: '500m', memory }, requests: { cpu: '100m', memory } });
    assert.deepEqual(second, { limits: { cpu: '1', memory }, requests: { cpu: '1', memory } });
    assert.equal(
      body.metadata.annotations['kubernetes.io/limit-ranger'],
      'LimitRanger plugin set: cpu, memory request for container c0; cpu, memory limit for container c0; ' +
        'memory request for container c1; memory limit for container c1',
    );
    assert.equal(body.status.qosClass, 'Burstable');
  });

  const refused: [string, object[], string][] = [
    [
      'a limit above the most',
      [{ limits: { cpu: '1500m' } }],
      'maximum cpu usage per Container is 1, but limit is 1500m',
    ],
    [
      'a request below the least',
      [{ requests: { cpu: '10m' }, limits: { cpu: '60m' } }],
      'minimum cpu usage per Container is 50m, but request is 10m',
    ],
    [
      'a limit too far from the request',
      [{ requests: { cpu: '50m' }, limits: { cpu: '550m' } }],
      'cpu max limit to request ratio per Container is 10, but provided ratio is 11.000000',
    ],
    [
      'containers that together ask for too much',
      [{ limits: { cpu: '1' } }, { limits: { cpu: '1' } }, { limits: { cpu: '1' } }],
      'maximum cpu usage per Pod is 2, but limit is 3',
    ],
    [
      'several at once',
      [{ requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '5m' } }],
      '[minimum cpu usage per Container is 50m, but request is 1m, minimum memory usage per Container is 4Mi, but request is 1Mi]',
    ],
  ];
  for (const [what, resources, why] of refused) {
    test(`refuses ${what}`, async () => {
      const { code, body } = await h.post(pods, withResources('zz', ...resources));
      assert.equal(code, 403);
      assert.equal(body.message, `pods "zz" is forbidden: ${why}`);
    });
  }

  test('looks at claims too', async () => {
    const claim = (name: string, storage: string) =>
      h.post(inNamespace('persistentvolumeclaims'), {
        metadata: { name },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      });
    assert.equal((await claim('fits', '5Gi')).code, 201);
    const why = (answer: { body: { message: string } }) => answer.body.message.replace(/.*forbidden: /, '');
    assert.equal(
      why(await claim('big', '6Gi')),
      'maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi',
    );
    assert.equal(
      why(await claim('small', '1Mi')),
      'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
    );
  });

  test('leaves other namespaces alone', async () => {
    await h.post('/api/v1/namespaces', { metadata: { name: 'free' } });
    const { body } = await h.post(inNamespace('pods', 'free'), withResources('silent', {}));
    assert.deepEqual(body.spec.containers[0].resources, {});
  });
});

describe('ServiceAccount', () => {
  let h: Harness;
  before(async () => {
    h = await startServer();
  });

  test('a pod runs as the default account unless it names another', async () => {
    const { spec } = (await h.post(pods, podBody('plain'))).body;
    assert.deepEqual([spec.serviceAccountName, spec.serviceAccount], ['default', 'default']);
  });

  test('an account that is named must be there; its pull secrets are the pod’s', async () => {
    const body = podBody('builder');
    const named = { ...body, spec: { ...body.spec, serviceAccountName: 'build' } };
    const refused = await h.post(pods, named);
    assert.equal(refused.code, 403);
    const why = 'error looking up service account default/build: serviceaccount "build" not found';
    assert.equal(refused.body.message, `pods "builder" is forbidden: ${why}`);
    await h.post(inNamespace('serviceaccounts'), {
      metadata: { name: 'build' },
      imagePullSecrets: [{ name: 'registry' }],
    });
    const { spec } = (await h.post(pods, named)).body;
    assert.deepEqual(spec.imagePullSecrets, [{ name: 'registry' }]);
  });
});
