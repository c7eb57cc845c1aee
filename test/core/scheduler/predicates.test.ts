import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPolicy } from '../../../src/core/scheduler/defaults.ts';
import { NodeState } from '../../../src/core/scheduler/node-state.ts';
import { requirementsOf } from '../../../src/core/scheduler/requirements.ts';
import { container, type NodeParts, node, type PodParts, pod } from '../../helpers/objects.ts';

const requests = (cpu: string, memory: string) => ({
  spec: { containers: [container({ resources: { requests: { cpu, memory } } })] },
});
const hostPorts = (...ports: number[]) => ({
  spec: { containers: [container({ ports: ports.map((hostPort) => ({ containerPort: 80, hostPort })) })] },
});
const gce = (pdName: string) => ({ spec: { volumes: [{ name: 'd', gcePersistentDisk: { pdName } }] } });
const small: NodeParts = { status: { capacity: { cpu: '1', memory: '1Gi' } } };

interface Row {
  what: string;
  pod: PodParts;
  node?: NodeParts;
  /** Pods that are on the node already. */
  beside?: PodParts[];
  /** predicate: reason; undefined when the pod fits. */
  misfit?: string;
}

const rows: Row[] = [
  { what: 'a pod that asks for nothing fits a full node', pod: {}, node: small, beside: [requests('1', '1Gi')] },
  {
    what: 'exactly what is left fits',
    pod: requests('400m', '512Mi'),
    node: small,
    beside: [requests('600m', '512Mi')],
  },
  {
    what: 'a thousandth of a core more than is left does not',
    pod: requests('401m', '0'),
    node: small,
    beside: [requests('600m', '0')],
    misfit: 'PodFitsResources: insufficient cpu',
  },
  {
    what: 'a byte more memory than is left does not',
    pod: requests('0', '1073741825'),
    node: small,
    misfit: 'PodFitsResources: insufficient memory',
  },
  {
    what: 'limits count where no requests are given',
    pod: { spec: { containers: [container({ resources: { limits: { cpu: '2' } } })] } },
    node: small,
    misfit: 'PodFitsResources: insufficient cpu',
  },
  {
    what: 'requests win over limits',
    pod: { spec: { containers: [container({ resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } })] } },
    node: small,
  },
  {
    what: 'the containers of a pod add up',
    pod: {
      spec: {
        containers: [
          container({ resources: { requests: { cpu: '600m' } } }),
          container({ name: 'b', resources: { requests: { cpu: '600m' } } }),
        ],
      },
    },
    node: small,
    misfit: 'PodFitsResources: insufficient cpu',
  },
  {
    what: 'a node that states no capacity is unlimited',
    pod: requests('64', '1Ti'),
    node: { status: { capacity: {} } },
  },
  {
    what: 'what a node keeps for itself is not given out',
    pod: requests('1', '0'),
    node: { status: { capacity: { cpu: '1' }, allocatable: { cpu: '900m' } } },
    misfit: 'PodFitsResources: insufficient cpu',
  },
  {
    what: 'a capacity of pods is honoured',
    pod: {},
    node: { status: { capacity: { pods: '2' } } },
    beside: [{}, {}],
    misfit: 'PodFitsResources: too many pods',
  },
  { what: 'other host ports do not matter', pod: hostPorts(80, 443), beside: [hostPorts(81)] },
  {
    what: 'a host port is used once per node',
    pod: hostPorts(443, 80),
    beside: [hostPorts(80)],
    misfit: 'PodFitsPorts: host port 80 is taken',
  },
  { what: 'other disks do not matter', pod: gce('a'), beside: [gce('b')] },
  {
    what: 'a GCE disk is used once per node',
    pod: gce('a'),
    beside: [gce('a')],
    misfit: 'NoDiskConflict: disk gce/a is in use',
  },
  {
    what: 'an AWS volume is used once per node',
    pod: { spec: { volumes: [{ name: 'd', awsElasticBlockStore: { volumeID: 'v' } }] } },
    beside: [{ spec: { volumes: [{ name: 'd', awsElasticBlockStore: { volumeID: 'v' } }] } }],
    misfit: 'NoDiskConflict: disk aws/v is in use',
  },
  {
    what: 'all labels of the node selector must be there',
    pod: { spec: { nodeSelector: { disk: 'ssd', rack: 'a' } } },
    node: { metadata: { labels: { disk: 'ssd', rack: 'b' } } },
    misfit: 'MatchNodeSelector: node has no label rack=a',
  },
  {
    what: 'labels that nobody asks for do not matter',
    pod: { spec: { nodeSelector: { disk: 'ssd' } } },
    node: { metadata: { labels: { disk: 'ssd', rack: 'b' } } },
  },
  { what: 'a pod that names the node goes there', pod: { spec: { nodeName: 'n' } } },
  {
    what: 'a pod that names another node does not',
    pod: { spec: { nodeName: 'm' } },
    misfit: 'HostName: pod asks for node m',
  },
];

for (const row of rows) {
  test(`predicates: ${row.what}`, () => {
    const state = new NodeState('n');
    state.setNode(node('n', row.node));
    row.beside?.forEach((parts, i) => {
      state.add(requirementsOf(pod(`beside-${i}`, parts)));
    });
    const asked = requirementsOf(pod('p', row.pod));
    const found = defaultPolicy.predicates.flatMap(({ name, misfit }) => {
      const reason = misfit(asked, state);
      return reason === undefined ? [] : [`${name}: ${reason}`];
    });
    assert.deepEqual(found, row.misfit === undefined ? [] : [row.misfit]);
  });
}
