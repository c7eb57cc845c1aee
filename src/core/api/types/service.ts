/** Services and the endpoints behind them. */
import {
  bool,
  int32,
  int64,
  intOrString,
  list,
  map,
  oneOf,
  opt,
  ptr,
  req,
  type Static,
  str,
  struct,
  time,
} from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';
import { ObjectReference } from './reference.ts';

export const ServicePort = struct('ServicePort', {
  name: opt(1, str),
  protocol: opt(2, oneOf('TCP', 'UDP', 'SCTP'), { default: 'TCP' }),
  appProtocol: ptr(6, str),
  port: req(3, int32),
  targetPort: opt(4, intOrString),
  nodePort: opt(5, int32),
});
export type ServicePort = Static<typeof ServicePort>;

export const ClientIPConfig = struct('ClientIPConfig', {
  timeoutSeconds: ptr(1, int32),
});
export type ClientIPConfig = Static<typeof ClientIPConfig>;

export const SessionAffinityConfig = struct('SessionAffinityConfig', {
  clientIP: opt(1, ClientIPConfig),
});
export type SessionAffinityConfig = Static<typeof SessionAffinityConfig>;

export const ServiceSpec = struct('ServiceSpec', {
  ports: opt(1, list(ServicePort), {
    patchStrategy: 'merge',
    patchMergeKey: 'port',
    listType: 'map',
    listMapKeys: ['port', 'protocol'],
  }),
  selector: opt(2, map(str), { mapType: 'atomic' }),
  clusterIP: opt(3, str),
  clusterIPs: opt(18, list(str), { listType: 'atomic' }),
  type: opt(4, oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName')),
  externalIPs: opt(5, list(str), { listType: 'atomic' }),
  sessionAffinity: opt(7, oneOf('ClientIP', 'None')),
  loadBalancerIP: opt(8, str),
  loadBalancerSourceRanges: opt(9, list(str), { listType: 'atomic' }),
  externalName: opt(10, str),
  externalTrafficPolicy: opt(11, oneOf('Cluster', 'Local')),
  healthCheckNodePort: opt(12, int32),
  publishNotReadyAddresses: opt(13, bool),
  sessionAffinityConfig: opt(14, SessionAffinityConfig),
  ipFamilies: opt(19, list(oneOf('IPv4', 'IPv6', '')), { listType: 'atomic' }),
  ipFamilyPolicy: ptr(17, oneOf('SingleStack', 'PreferDualStack', 'RequireDualStack')),
  allocateLoadBalancerNodePorts: ptr(20, bool),
  loadBalancerClass: ptr(21, str),
  internalTrafficPolicy: ptr(22, oneOf('Cluster', 'Local')),
  trafficDistribution: ptr(23, str),
});
export type ServiceSpec = Static<typeof ServiceSpec>;

export const PortStatus = struct('PortStatus', {
  port: req(1, int32),
  protocol: req(2, oneOf('TCP', 'UDP', 'SCTP')),
  error: ptr(3, str),
});
export type PortStatus = Static<typeof PortStatus>;

export const LoadBalancerIngress = struct('LoadBalancerIngress', {
  ip: opt(1, str),
  hostname: opt(2, str),
  ipMode: ptr(3, oneOf('VIP', 'Proxy')),
  ports: opt(4, list(PortStatus), { listType: 'atomic' }),
});
export type LoadBalancerIngress = Static<typeof LoadBalancerIngress>;

export const LoadBalancerStatus = struct('LoadBalancerStatus', {
  ingress: opt(1, list(LoadBalancerIngress), { listType: 'atomic' }),
});
export type LoadBalancerStatus = Static<typeof LoadBalancerStatus>;

export const Condition = struct('Condition', {
  type: req(1, str),
  status: req(2, oneOf('True', 'False', 'Unknown')),
  observedGeneration: opt(3, int64),
  lastTransitionTime: req(4, time),
  reason: req(5, str),
  message: req(6, str),
});
export type Condition = Static<typeof Condition>;

export const ServiceStatus = struct('ServiceStatus', {
  loadBalancer: req(1, LoadBalancerStatus),
  conditions: opt(2, list(Condition), {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
});
export type ServiceStatus = Static<typeof ServiceStatus>;

export const Service = struct('Service', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, ServiceSpec),
  status: req(3, ServiceStatus),
});
export type Service = Static<typeof Service>;

export const EndpointAddress = struct(
  'EndpointAddress',
  {
    ip: req(1, str),
    hostname: opt(3, str),
    nodeName: ptr(4, str),
    targetRef: opt(2, ObjectReference),
  },
  { atomic: true },
);
export type EndpointAddress = Static<typeof EndpointAddress>;

export const EndpointPort = struct(
  'EndpointPort',
  {
    name: opt(1, str),
    port: req(2, int32),
    protocol: opt(3, oneOf('TCP', 'UDP', 'SCTP')),
    appProtocol: ptr(4, str),
  },
  { atomic: true },
);
export type EndpointPort = Static<typeof EndpointPort>;

export const EndpointSubset = struct('EndpointSubset', {
  addresses: opt(1, list(EndpointAddress), { listType: 'atomic' }),
  notReadyAddresses: opt(2, list(EndpointAddress), { listType: 'atomic' }),
  ports: opt(3, list(EndpointPort), { listType: 'atomic' }),
});
export type EndpointSubset = Static<typeof EndpointSubset>;

export const Endpoints = struct('Endpoints', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  subsets: opt(2, list(EndpointSubset), { listType: 'atomic' }),
});
export type Endpoints = Static<typeof Endpoints>;
