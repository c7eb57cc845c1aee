import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Service } from '../../../src/core/api/kinds/index.ts';
import type { Stored } from '../../../src/core/api/object.ts';
import type { EndpointSubset } from '../../../src/core/api/types/service.ts';
import { planEndpoints } from '../../../src/core/controllers/endpoints.ts';
import { container, endpoints, pod, service } from '../../helpers/objects.ts';

interface Parts {
  ip?: string;
  ready?: boolean;
  going?: boolean;
  phase?: Pod['status']['phase'];
  ports?: { name?: string; containerPort: number; protocol?: 'TCP' | 'UDP' }[];
  spec?: Partial<Pod['spec']>;
}
function backend(
  name: string,
  { ip, ready = true, going, phase = 'Running', ports = [], spec }: Parts = {},
): Stored<Pod> {
  const at = '2015-05-01T00:00:00Z';
  const status = ready ? ('True' as const) : ('False' as const);
  return pod(name, {
    metadata: { labels: { app: 'web' }, ...(going && { deletionTimestamp: at }) },
    spec: { nodeName: 'core-01', containers: [container({ ports })], ...spec },
    status: {
      phase,
      ...(ip && { podIP: ip }),
      conditions: [{ type: 'Ready', status, lastProbeTime: at, lastTransitionTime: at }],
    },
  });
}

/** `1.1.1.1 (2.2.2.2) http:80/TCP`: not ready addresses in brackets. */
function words({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset): string {
  const ready = addresses.map(({ ip, hostname }) => (hostname ? `${hostname}=${ip}` : ip));
  const notReady = notReadyAddresses.map(({ ip }) => `(${ip})`);
  return [...ready, ...notReady, ...ports.map((p) => `${p.name ?? ''}:${p.port}/${p.protocol}`)].join(' ');
}

interface Row {
  what: string;
  spec?: Partial<Service['spec']>;
  pods: Stored<Pod>[];
  /** Undefined: nothing is done. */
  subsets?: string[];
}
const http = { port: 80, targetPort: 8080, protocol: 'TCP' as const };
const named = { name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' as const };

const rows: Row[] = [
  { what: 'a service without pods has empty endpoints', pods: [], subsets: [] },
  {
    what: 'addresses are sorted and split by readiness',
    pods: [
      backend('c', { ip: '10.1.0.3' }),
      backend('b', { ip: '10.1.0.2', ready: false }),
      backend('a', { ip: '10.1.0.1' }),
    ],
    subsets: ['10.1.0.1 10.1.0.3 (10.1.0.2) :8080/TCP'],
  },
  {
    what: 'pods without an address, finished and deleted ones are left out',
    pods: [
      backend('a'),
      backend('b', { ip: '10.1.0.2', phase: 'Failed' }),
      backend('c', { ip: '10.1.0.3', going: true }),
      backend('d', { ip: '10.1.0.4' }),
    ],
    subsets: ['10.1.0.4 :8080/TCP'],
  },
  {
    what: 'publishNotReadyAddresses takes all that have an address',
    spec: { publishNotReadyAddresses: true },
    pods: [backend('a', { ip: '10.1.0.1', ready: false }), backend('b', { ip: '10.1.0.2', going: true })],
    subsets: ['10.1.0.1 10.1.0.2 :8080/TCP'],
  },
  {
    what: 'a named port is each pod’s own, and pods without it are skipped',
    spec: { ports: [named] },
    pods: [
      backend('a', { ip: '10.1.0.1', ports: [{ name: 'web', containerPort: 8080 }] }),
      backend('b', { ip: '10.1.0.2', ports: [{ name: 'web', containerPort: 9090 }] }),
      backend('c', { ip: '10.1.0.3', ports: [{ name: 'web', containerPort: 8080 }] }),
      backend('d', { ip: '10.1.0.4', ports: [{ name: 'web', containerPort: 53, protocol: 'UDP' }] }),
      backend('e', { ip: '10.1.0.5' }),
    ],
    subsets: ['10.1.0.1 10.1.0.3 http:8080/TCP', '10.1.0.2 http:9090/TCP'],
  },
  {
    what: 'a pod that has only one of the ports offers that one',
    spec: { ports: [named, { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' }] },
    pods: [
      backend('a', { ip: '10.1.0.1', ports: [{ name: 'web', containerPort: 8080 }] }),
      backend('b', { ip: '10.1.0.2' }),
    ],
    subsets: ['10.1.0.1 dns:53/UDP http:8080/TCP', '10.1.0.2 dns:53/UDP'],
  },
  {
    what: 'a headless service may have no ports',
    spec: { clusterIP: 'None', ports: [] },
    pods: [backend('a', { ip: '10.1.0.1' })],
    subsets: ['10.1.0.1'],
  },
  {
    what: 'a pod with the service as its subdomain has a name',
    pods: [backend('a', { ip: '10.1.0.1', spec: { hostname: 'db-0', subdomain: 'web' } })],
    subsets: ['db-0=10.1.0.1 :8080/TCP'],
  },
  { what: 'a service without selector is left alone', spec: { selector: {} }, pods: [] },
  { what: 'an external name is left alone', spec: { type: 'ExternalName', externalName: 'example.com' }, pods: [] },
];

const serviceWith = (spec: Partial<Service['spec']> = {}) =>
  service('web', { selector: { app: 'web' }, ports: [http], ...spec }, { labels: { tier: 'front' } });

for (const { what, spec, pods, subsets } of rows) {
  test(`endpoints plan: ${what}`, () => {
    const [step, ...more] = planEndpoints(serviceWith(spec), pods, undefined).steps;
    assert.equal(more.length, 0);
    const planned = step?.type === 'create' ? (step.endpoints.subsets as EndpointSubset[]) : undefined;
    assert.deepEqual(planned?.map(words), subsets);
  });
}

test('endpoints plan: an address names its pod and its node', () => {
  const [step] = planEndpoints(serviceWith(), [backend('a', { ip: '10.1.0.1' })], undefined).steps;
  const subsets = step?.type === 'create' ? (step.endpoints.subsets as EndpointSubset[]) : [];
  assert.deepEqual(subsets[0]?.addresses, [
    {
      ip: '10.1.0.1',
      nodeName: 'core-01',
      targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: 'uid-a' },
    },
  ]);
});

const managed = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
const port = [{ port: 8080, protocol: 'TCP' as const }];

test('endpoints plan: what is right already is not written, whatever the order of the pods', () => {
  const pods = ['a', 'b', 'c'].map((name, i) => backend(name, { ip: `10.1.0.${i}` }));
  const [step] = planEndpoints(serviceWith(), pods, undefined).steps;
  const stored = endpoints('web', step?.type === 'create' ? (step.endpoints.subsets as EndpointSubset[]) : [], {
    labels: { tier: 'front', ...managed },
  });
  assert.deepEqual(planEndpoints(serviceWith(), pods.reverse(), stored).steps, []);
});

test('endpoints plan: changed subsets and changed labels of the service are written', () => {
  const stored = endpoints('web', [{ addresses: [{ ip: '10.1.0.9' }], ports: port }], { labels: managed });
  const [step] = planEndpoints(serviceWith(), [], stored).steps;
  assert.ok(step?.type === 'update');
  assert.deepEqual(step.endpoints.metadata?.labels, { tier: 'front', ...managed });
  assert.deepEqual(step.endpoints.subsets, []);
});

test('endpoints plan: with the service go its endpoints, but not those made by hand', () => {
  const types = (labels: Record<string, string>) =>
    planEndpoints(undefined, [], endpoints('web', [], { labels })).steps.map(({ type }) => type);
  assert.deepEqual([types(managed), types({})], [['delete'], []]);
});
