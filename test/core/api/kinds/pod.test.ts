import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../../../src/core/api/kinds/index.ts';
import { qosClassOf } from '../../../../src/core/api/kinds/pod/qos.ts';
import { wrongUpdate, wrongWith } from '../../../helpers/field-errors.ts';
import { assertGolden } from '../../../helpers/golden.ts';
import { decoded, stored } from '../../../helpers/stored.ts';

const now = Date.parse('2026-11-25T10:00:00Z');
const main = { name: 'main', image: 'busybox' };
const withContainer = (parts: object, spec: object = {}) => ({
  spec: { volumes: null, containers: [{ ...main, ...parts }], ...spec },
});

test('a small pod gets everything it left out', () => {
  const { spec } = decoded(Pod, {
    spec: {
      hostNetwork: true,
      containers: [
        {
          ...main,
          ports: [{ containerPort: 80 }],
          resources: { limits: { cpu: '1' } },
          livenessProbe: { tcpSocket: { port: 80 } },
        },
      ],
      volumes: [{ name: 'scratch' }, { name: 'keys', secret: { secretName: 's' } }],
    },
  });
  assert.deepEqual(spec, {
    volumes: [
      { name: 'scratch', emptyDir: {} },
      { name: 'keys', secret: { secretName: 's', defaultMode: 420 } },
    ],
    containers: [
      {
        ...main,
        ports: [{ hostPort: 80, containerPort: 80, protocol: 'TCP' }],
        resources: { limits: { cpu: '1' }, requests: { cpu: '1' } },
        livenessProbe: {
          tcpSocket: { port: 80 },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'Always',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    hostNetwork: true,
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
  });
});

test('images that can change under their name are always pulled', () => {
  const policy = (image: string) => decoded(Pod, withContainer({ image })).spec.containers[0]!.imagePullPolicy;
  assert.equal(policy('nginx'), 'Always');
  assert.equal(policy('host:5000/nginx'), 'Always');
  assert.equal(policy('nginx:latest'), 'Always');
  assert.equal(policy('host:5000/nginx:1.27'), 'IfNotPresent');
  assert.equal(policy('nginx@sha256:abc'), 'IfNotPresent');
});

test('the class of service follows from requests and limits', () => {
  const classOf = (...resources: object[]) =>
    qosClassOf(decoded(Pod, { spec: { containers: resources.map((r, i) => ({ name: `c${i}`, resources: r })) } }).spec);
  const full = { limits: { cpu: '1', memory: '1Gi' } };
  assert.equal(classOf({}), 'BestEffort');
  assert.equal(classOf(full, full), 'Guaranteed');
  assert.equal(classOf({ ...full, requests: { cpu: '1000m' } }), 'Guaranteed');
  assert.equal(classOf({ ...full, requests: { cpu: '500m' } }), 'Burstable');
  assert.equal(classOf(full, {}), 'Burstable');
  assert.equal(classOf({ limits: { cpu: '1' } }), 'Burstable');
});

test('a new pod is Pending whatever status came with it', () => {
  const pod = decoded(Pod, { ...Pod.example, status: { phase: 'Running', podIP: '1.2.3.4' } });
  Pod.prepareForCreate?.(pod);
  assert.deepEqual(pod.status, { phase: 'Pending', qosClass: 'Guaranteed' });
});

test('only a pod that runs somewhere needs time to end', () => {
  const grace = (patch: object, asked?: number) =>
    Pod.gracePeriodSeconds?.(stored(Pod, { ...Pod.example, ...patch }), asked);
  const bound = { spec: { containers: [main], nodeName: 'a', terminationGracePeriodSeconds: 5 } };
  assert.equal(grace({}), 0);
  assert.equal(grace(bound), 5);
  assert.equal(grace(bound, 60), 60);
  assert.equal(grace(bound, 0), 0);
  assert.equal(grace(bound, -7), 1);
  assert.equal(grace({ ...bound, status: { phase: 'Failed' } }), 0);
});

const wrong: [unknown, string][] = [
  [{ spec: { containers: [] } }, 'spec.containers: Required value'],
  [withContainer({ name: '' }), 'spec.containers[0].name: Required value'],
  [
    withContainer({ name: 'A' }),
    `spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of`,
  ],
  [{ spec: { volumes: null, containers: [main, main] } }, 'spec.containers[1].name: Duplicate value: "main"'],
  [withContainer({}, { initContainers: [main] }), 'spec.initContainers[0].name: Duplicate value: "main"'],
  [withContainer({ image: null }), 'spec.containers[0].image: Required value'],
  [
    withContainer({ image: ' x' }),
    'spec.containers[0].image: Invalid value: " x": must not have leading or trailing whitespace',
  ],
  [
    withContainer({ imagePullPolicy: 'Sometimes' }),
    'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "IfNotPresent"',
  ],
  [withContainer({ ports: [{}] }), 'spec.containers[0].ports[0].containerPort: Required value'],
  [
    withContainer({ ports: [{ containerPort: 70_000 }] }),
    'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    withContainer({ ports: [{ containerPort: 1, protocol: 'ICMP' }] }),
    'spec.containers[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
  ],
  [
    withContainer({ ports: [{ containerPort: 1, name: 'Web' }] }),
    'spec.containers[0].ports[0].name: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ],
  [
    withContainer({
      ports: [
        { containerPort: 1, name: 'a' },
        { containerPort: 2, name: 'a' },
      ],
    }),
    'spec.containers[0].ports[1].name: Duplicate value: "a"',
  ],
  [
    withContainer({
      ports: [
        { containerPort: 1, hostPort: 80 },
        { containerPort: 2, hostPort: 80 },
      ],
    }),
    'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    withContainer({ ports: [{ containerPort: 1, hostPort: 2 }] }, { hostNetwork: true }),
    'spec.containers[0].ports[0].containerPort: Invalid value: 1: must match `hostPort` when `hostNetwork` is true',
  ],
  [withContainer({ env: [{}] }), 'spec.containers[0].env[0].name: Required value'],
  [
    withContainer({ env: [{ name: 'a=b' }] }),
    'spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
  ],
  [
    withContainer({ env: [{ name: 'A', valueFrom: {} }] }),
    'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`',
  ],
  [
    withContainer({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.x": supported values: "metadata.name"',
  ],
  [
    withContainer({ envFrom: [{}] }),
    'spec.containers[0].envFrom[0]: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
  ],
  [
    withContainer({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    withContainer({ resources: { limits: { cpu: '1' }, requests: { cpu: '-1' } } }),
    'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    withContainer({ resources: { requests: { 'example.com/gpu': '1' } } }),
    'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    withContainer({ livenessProbe: {} }),
    'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  [
    withContainer({ livenessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 1 } } }),
    'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  ],
  [
    withContainer({ livenessProbe: { exec: { command: ['a'] }, successThreshold: 2 } }),
    'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [withContainer({ readinessProbe: { exec: {} } }), 'spec.containers[0].readinessProbe.exec.command: Required value'],
  [
    withContainer({ readinessProbe: { httpGet: { port: 0 } } }),
    'spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [
    withContainer({ readinessProbe: { tcpSocket: { port: 1 }, initialDelaySeconds: -1 } }),
    'spec.containers[0].readinessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    withContainer({ lifecycle: { preStop: {} } }),
    'spec.containers[0].lifecycle.preStop: Required value: must specify a handler type',
  ],
  [
    withContainer({ restartPolicy: 'Always' }),
    'spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers',
  ],
  [
    withContainer({}, { initContainers: [{ name: 'i', image: 'i', readinessProbe: { tcpSocket: { port: 1 } } }] }),
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    withContainer({ volumeMounts: [{ name: 'gone', mountPath: '/x' }] }),
    'spec.containers[0].volumeMounts[0].name: Not found: "gone"',
  ],
  [
    { spec: { volumes: [{ name: 'a' }, { name: 'a' }, { name: 'cache' }] } },
    'spec.volumes[1].name: Duplicate value: "a"',
  ],
  [
    { spec: { volumes: [{ name: 'cache', emptyDir: {}, hostPath: { path: '/x' } }] } },
    'spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type',
  ],
  [{ spec: { volumes: [{ name: 'cache', hostPath: {} }] } }, 'spec.volumes[0].hostPath.path: Required value'],
  [
    { spec: { volumes: [{ name: 'cache', hostPath: { path: '/a/../b' } }] } },
    `spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
  ],
  [{ spec: { volumes: [{ name: 'cache', secret: {} }] } }, 'spec.volumes[0].secret.secretName: Required value'],
  [
    { spec: { volumes: [{ name: 'cache', secret: { secretName: 's', items: [{ key: 'k', path: '/p' }] } }] } },
    'spec.volumes[0].secret.items[0].path: Invalid value: "/p": must be a relative path',
  ],
  [
    { spec: { restartPolicy: 'Maybe' } },
    'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    { spec: { dnsPolicy: 'None' } },
    'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
  ],
  [
    { spec: { dnsConfig: { nameservers: ['x'] } } },
    'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    { spec: { activeDeadlineSeconds: 0 } },
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [
    { spec: { terminationGracePeriodSeconds: -1 } },
    'spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [{ spec: { hostname: 'a.b' } }, 'spec.hostname: Invalid value: "a.b": a lowercase RFC 1123 label'],
  [{ spec: { nodeName: 'A' } }, 'spec.nodeName: Invalid value: "A": a lowercase RFC 1123 subdomain'],
  [{ spec: { nodeSelector: { 'a b': 'x' } } }, 'spec.nodeSelector: Invalid value: "a b": name part must consist of'],
  [
    { spec: { hostAliases: [{ ip: '1.2.3' }] } },
    'spec.hostAliases[0].ip: Invalid value: "1.2.3": must be a valid IP address',
  ],
  [
    { spec: { tolerations: [{}] } },
    'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty',
  ],
  [
    { spec: { tolerations: [{ key: 'k', tolerationSeconds: 5 }] } },
    'spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } } } },
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    { spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } } } },
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
  ],
  [
    { spec: { topologySpreadConstraints: [{ topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] } },
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
];

for (const [patch, error] of wrong) {
  test(`is refused: ${error.slice(0, 110)}`, () => {
    const errors = wrongWith(Pod, patch);
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.ok(errors[0]!.startsWith(error), errors[0]);
  });
}

test('a resource nobody knows is refused on both sides', () => {
  const why = 'Invalid value: "disk": must be a standard resource for containers';
  assert.deepEqual(wrongWith(Pod, withContainer({ resources: { limits: { disk: '1' } } })), [
    `spec.containers[0].resources.limits[disk]: ${why}`,
    `spec.containers[0].resources.requests[disk]: ${why}`,
  ]);
});

test('every wrong field is reported at once', () => {
  const errors = wrongWith(Pod, { spec: { restartPolicy: 'x', volumes: null, containers: [{ ports: [{}] }] } });
  assert.deepEqual(
    errors.map((e) => e.split(': ')[0]),
    [
      'spec.restartPolicy',
      'spec.containers[0].image',
      'spec.containers[0].ports[0].containerPort',
      'spec.containers[0].name',
    ],
  );
});

test('an update may change images, labels and a few more things', () => {
  const [container] = stored(Pod, Pod.example).spec.containers;
  assert.deepEqual(wrongUpdate(Pod, { metadata: { labels: { a: 'b' } } }), []);
  assert.deepEqual(wrongUpdate(Pod, { spec: { containers: [{ ...container, image: 'nginx:2' }] } }), []);
  assert.deepEqual(wrongUpdate(Pod, { spec: { tolerations: [{ operator: 'Exists' }] } }), []);
  assert.deepEqual(wrongUpdate(Pod, { spec: { activeDeadlineSeconds: 9 } }), []);
});

test('an update that changes more of the spec is told what', () => {
  const [container] = stored(Pod, Pod.example).spec.containers;
  const changes: [object, RegExp][] = [
    [
      { nodeName: 'core-01' },
      /^spec: Forbidden: pod updates may not change fields other than .*; this update changes spec\.nodeName$/,
    ],
    [{ containers: [{ ...container, env: [] }] }, /this update changes spec\.containers\[0\]\.env$/],
    [{ containers: [container, main] }, /^spec\.containers: Forbidden: pod updates may not add or remove containers$/],
  ];
  for (const [spec, message] of changes) {
    const errors = wrongUpdate(Pod, { spec });
    assert.equal(errors.length, 1);
    assert.match(errors[0]!, message);
  }
  const limited = { ...Pod.example, spec: { containers: [main], activeDeadlineSeconds: 5 } };
  assert.match(
    wrongUpdate(Pod, { spec: { activeDeadlineSeconds: 6 } }, { example: limited })[0]!,
    /less than or equal to previous/,
  );
  assert.match(
    wrongUpdate(Pod, { spec: { activeDeadlineSeconds: null } }, { example: limited })[0]!,
    /must not update from/,
  );
});

test('a status of no known phase is refused', () => {
  assert.deepEqual(wrongUpdate(Pod, { status: { phase: 'Happy' } }, { subresource: 'status' }), [
    'status.phase: Unsupported value: "Happy": supported values: "Pending", "Running", "Succeeded", "Failed", "Unknown"',
  ]);
});

test('describes a pod in trouble', () => {
  const started = '2026-11-25T09:58:00Z';
  const died = {
    exitCode: 1,
    reason: 'Error',
    message: 'cannot open\n/data',
    startedAt: started,
    finishedAt: '2026-11-25T09:59:00Z',
  };
  const pod = stored(Pod, {
    metadata: {
      name: 'worker-x2k4z',
      namespace: 'default',
      labels: { app: 'worker', tier: 'back' },
      annotations: { note: 'first line\nsecond line' },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ReplicationController', name: 'worker', uid: 'u', controller: true },
      ],
    },
    spec: {
      nodeName: 'core-02',
      nodeSelector: { disk: 'ssd' },
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      initContainers: [{ name: 'prepare', image: 'busybox:1.36', command: ['sh', '-c', 'true'] }],
      containers: [
        {
          name: 'worker',
          image: 'example/worker:1',
          command: ['/worker'],
          args: ['--threads', '4'],
          ports: [
            { containerPort: 80, hostPort: 8080 },
            { containerPort: 53, protocol: 'UDP' },
          ],
          env: [
            { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } },
          ],
          envFrom: [{ prefix: 'DB_', secretRef: { name: 'database' } }],
          resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '100m' } },
          livenessProbe: { exec: { command: ['test', '-f', '/ok'] }, initialDelaySeconds: 5 },
          volumeMounts: [
            { name: 'data', mountPath: '/data', readOnly: true },
            { name: 'keys', mountPath: '/keys', subPath: 'tls' },
          ],
        },
      ],
      volumes: [
        { name: 'data', hostPath: { path: '/srv' } },
        { name: 'keys', secret: { secretName: 'keys' } },
      ],
    },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      hostIP: '172.17.8.102',
      podIP: '10.244.2.7',
      podIPs: [{ ip: '10.244.2.7' }],
      startTime: started,
      conditions: [
        { type: 'Initialized', status: 'True', lastTransitionTime: started },
        { type: 'Ready', status: 'False', lastTransitionTime: started },
      ],
      initContainerStatuses: [
        {
          name: 'prepare',
          state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: started, finishedAt: started } },
          ready: true,
          image: 'busybox:1.36',
          imageID: 'docker://sha256:11',
          containerID: 'docker://aa',
        },
      ],
      containerStatuses: [
        {
          name: 'worker',
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' } },
          lastState: { terminated: died },
          restartCount: 3,
          image: 'example/worker:1',
          imageID: 'docker://sha256:22',
          containerID: 'docker://bb',
        },
      ],
    },
  });
  assertGolden('describe/pod-in-trouble.txt', Pod.describe?.(pod, {}, now) ?? '');
});
