/** Objects as the server would store them; a test names only what it is about. */
import type {
  Endpoints,
  Namespace,
  Node,
  Pod,
  ReplicationController,
  Service,
} from '../../src/core/api/kinds/index.ts';
import type { Stored, StoredMeta } from '../../src/core/api/object.ts';
import type { Container } from '../../src/core/api/types/container.ts';

type Meta = Partial<StoredMeta>;
let revision = 0;

function meta(defaults: Meta, given: Meta = {}): StoredMeta {
  const name = given.name ?? defaults.name ?? 'x';
  return {
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: String(++revision),
    creationTimestamp: '2015-05-01T00:00:00Z',
    ...defaults,
    ...given,
    name,
  };
}

export interface PodParts {
  metadata?: Meta;
  spec?: Partial<Pod['spec']>;
  status?: Pod['status'];
}
export function pod(name: string, { metadata, spec, status }: PodParts = {}): Stored<Pod> {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: meta({ name }, metadata),
    spec: { containers: [container()], ...spec },
    status: { phase: 'Pending', ...status },
  };
}

export function container(parts: Partial<Container> = {}): Container {
  return { name: 'main', image: 'test', resources: {}, ...parts };
}

export interface NodeParts {
  metadata?: Meta;
  spec?: Node['spec'];
  status?: Partial<Node['status']>;
  /** Status of the Ready condition; '' leaves it out. */
  ready?: 'True' | 'False' | 'Unknown' | '';
}
export function node(name: string, { metadata, spec, status, ready = 'True' }: NodeParts = {}): Stored<Node> {
  const at = '2015-05-01T00:00:00Z';
  const times = { lastHeartbeatTime: at, lastTransitionTime: at };
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: meta({ name, namespace: '' }, metadata),
    spec: spec ?? {},
    status: {
      capacity: { cpu: '4', memory: '8Gi' },
      conditions: ready ? [{ type: 'Ready', status: ready, ...times }] : [],
      daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
      nodeInfo: {
        machineID: '',
        systemUUID: '',
        bootID: '',
        kernelVersion: '',
        osImage: '',
        containerRuntimeVersion: '',
        kubeletVersion: '',
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
      ...status,
    },
  };
}

export function service(name: string, spec: Service['spec'], metadata: Meta = {}): Stored<Service> {
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: meta({ name }, metadata),
    spec,
    status: { loadBalancer: {} },
  };
}

export function controller(
  name: string,
  spec: Partial<ReplicationController['spec']> = {},
  { metadata, status }: { metadata?: Meta; status?: ReplicationController['status'] } = {},
): Stored<ReplicationController> {
  const labels = { app: name };
  return {
    kind: 'ReplicationController',
    apiVersion: 'v1',
    metadata: meta({ name, generation: 1 }, metadata),
    spec: {
      replicas: 1,
      selector: labels,
      template: { metadata: { labels, creationTimestamp: '' }, spec: { containers: [container()] } },
      ...spec,
    },
    status: status ?? { replicas: 0 },
  };
}

export function endpoints(name: string, subsets: Endpoints['subsets'], metadata: Meta = {}): Stored<Endpoints> {
  return { kind: 'Endpoints', apiVersion: 'v1', metadata: meta({ name }, metadata), subsets };
}

export function namespace(
  name: string,
  metadata: Meta = {},
  phase: 'Active' | 'Terminating' = 'Active',
): Stored<Namespace> {
  return {
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: meta({ name, namespace: '' }, metadata),
    spec: { finalizers: ['kubernetes'] },
    status: { phase },
  };
}
