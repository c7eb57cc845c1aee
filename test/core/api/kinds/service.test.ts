import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEndpoints } from '../../../../src/core/api/kinds/endpoints.ts';
import { Service } from '../../../../src/core/api/kinds/index.ts';
import { mergePatch } from '../../../../src/core/api/patch/merge.ts';
import { wrongUpdate, wrongWith } from '../../../helpers/field-errors.ts';
import { assertGolden } from '../../../helpers/golden.ts';
import { endpoints } from '../../../helpers/objects.ts';
import { decoded, stored } from '../../../helpers/stored.ts';

const specOf = (spec: object) => decoded(Service, { metadata: { name: 'web' }, spec }).spec;
const port = { port: 80 };

test('a small service gets everything it left out', () => {
  assert.deepEqual(specOf({ ports: [port], sessionAffinity: 'ClientIP' }), {
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    type: 'ClusterIP',
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
    internalTrafficPolicy: 'Cluster',
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
  });
  assert.equal(specOf({ type: 'NodePort', ports: [port] }).externalTrafficPolicy, 'Cluster');
  assert.equal(specOf({ type: 'LoadBalancer', ports: [port] }).allocateLoadBalancerNodePorts, true);
  assert.equal(specOf({ type: 'ExternalName', externalName: 'a.b' }).ipFamilies, undefined);
});

test('clusterIP and clusterIPs say the same', () => {
  assert.deepEqual(specOf({ clusterIP: 'None', ports: [port] }).clusterIPs, ['None']);
  assert.equal(specOf({ clusterIPs: ['10.0.0.9'], ports: [port] }).clusterIP, '10.0.0.9');
});

const wrong: [unknown, string][] = [
  [{ spec: { ports: [] } }, 'spec.ports: Required value'],
  [{ spec: { ports: [{ port: 0 }] } }, 'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  [{ spec: { ports: [{ name: 'a', port: 1 }, { port: 2 }] } }, 'spec.ports[1].name: Required value'],
  [
    {
      spec: {
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      },
    },
    'spec.ports[1].name: Duplicate value: "a"',
  ],
  [
    {
      spec: {
        ports: [
          { name: 'a', port: 1 },
          { name: 'b', port: 1 },
        ],
      },
    },
    'spec.ports[1]: Duplicate value: {"port":1,"protocol":"TCP"}',
  ],
  [
    { spec: { ports: [{ port: 1, targetPort: 'Web' }] } },
    'spec.ports[0].targetPort: Invalid value: "Web": must contain only',
  ],
  [
    { spec: { ports: [{ port: 1, nodePort: 30000 }] } },
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  [{ spec: { type: 'Public' } }, 'spec.type: Unsupported value: "Public": supported values: "ClusterIP", "NodePort"'],
  [{ spec: { clusterIP: 'ten' } }, 'spec.clusterIPs[0]: Invalid value: "ten": must be a valid IP address'],
  [
    { spec: { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] } },
    'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`',
  ],
  [
    { spec: { type: 'NodePort', clusterIP: 'None' } },
    `spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`,
  ],
  [{ spec: { type: 'ExternalName' } }, 'spec.externalName: Required value'],
  [{ spec: { externalIPs: ['x'] } }, 'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address'],
  [{ spec: { selector: { app: 'a b' } } }, 'spec.selector[app]: Invalid value: "a b": a valid label must be'],
  [
    { spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } } },
    'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0',
  ],
];

for (const [patch, error] of wrong) {
  test(`is refused: ${error}`, () => {
    const errors = wrongWith(Service, patch);
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.ok(errors[0]!.startsWith(error), errors[0]);
  });
}

test('a headless service needs no ports', () => {
  assert.deepEqual(wrongWith(Service, { spec: { clusterIP: 'None', ports: [] } }), []);
});

const allocated = mergePatch(Service.example, {
  spec: { type: 'NodePort', clusterIP: '10.0.0.9', ports: [{ name: 'http', port: 80, nodePort: 30080 }] },
}) as object;

function updated(patch: object) {
  const old = stored(Service, allocated);
  const object = decoded(
    Service,
    mergePatch({ ...old, spec: { ...old.spec, clusterIP: null, clusterIPs: null } }, patch),
  );
  Service.prepareForUpdate?.(object, old);
  return object.spec;
}

test('an update without the allocated values keeps them', () => {
  const spec = updated({ spec: { ports: [{ name: 'http', port: 80 }] } });
  assert.deepEqual(spec.clusterIPs, ['10.0.0.9']);
  assert.equal(spec.clusterIP, '10.0.0.9');
  assert.equal(spec.ports?.[0]?.nodePort, 30080);
});

test('another type loses what it has no use for', () => {
  const inside = updated({ spec: { type: 'ClusterIP' } });
  assert.equal(inside.ports?.[0]?.nodePort, undefined);
  assert.equal(inside.externalTrafficPolicy, undefined);
  assert.equal(inside.clusterIP, '10.0.0.9');

  const old = stored(Service, allocated);
  const named = decoded(Service, mergePatch(old, { spec: { type: 'ExternalName', externalName: 'a.b' } }));
  Service.prepareForUpdate?.(named, old);
  assert.equal(named.spec.clusterIP, undefined);
  assert.deepEqual(Service.validate?.(named), []);
});

test('an address, once given, stays', () => {
  const changed = { spec: { clusterIP: '10.0.0.10', clusterIPs: ['10.0.0.10'] } };
  assert.deepEqual(wrongUpdate(Service, changed, { example: allocated }), [
    'spec.clusterIPs[0]: Invalid value: "10.0.0.10": may not change once set',
  ]);
});

test('the external address of each type', () => {
  const external = Service.columns.find((column) => column.name === 'External-IP');
  const cell = (spec: object, status: object = { loadBalancer: {} }) =>
    external?.cell(stored(Service, { metadata: { name: 'x' }, spec: { ports: [port], ...spec }, status }), 0);
  assert.equal(cell({}), '<none>');
  assert.equal(cell({ externalIPs: ['1.2.3.4', '5.6.7.8'] }), '1.2.3.4,5.6.7.8');
  assert.equal(cell({ type: 'LoadBalancer' }), '<pending>');
  assert.equal(
    cell({ type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '9.9.9.9' }, { hostname: 'a' }] } }),
    '9.9.9.9,a',
  );
  assert.equal(cell({ type: 'ExternalName', externalName: 'a.b' }), 'a.b');
});

test('endpoints are listed up to a number', () => {
  const ips = ['10.1.0.1', '10.1.0.2', '10.1.0.3', 'fd00::4'].map((ip) => ({ ip }));
  assert.equal(
    formatEndpoints([{ addresses: ips, ports: [{ port: 80 }] }], 3),
    '10.1.0.1:80,10.1.0.2:80,10.1.0.3:80 + 1 more...',
  );
  assert.equal(formatEndpoints([{ addresses: ips.slice(3), ports: [{ port: 80 }] }], 3), '[fd00::4]:80');
  assert.equal(formatEndpoints([{ addresses: ips.slice(0, 1) }], 3), '10.1.0.1');
  assert.equal(formatEndpoints([], 3), '<none>');
});

test('describes a service with its endpoints', () => {
  const service = stored(Service, allocated);
  const behind = endpoints('web', [{ addresses: [{ ip: '10.244.1.5' }], ports: [{ name: 'http', port: 8080 }] }]);
  assertGolden('describe/service-with-endpoints.txt', Service.describe?.(service, { endpoints: [behind] }, 0) ?? '');
});
