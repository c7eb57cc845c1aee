/** Nodes: the machines that run pods. */
import {
  bool,
  int32,
  int64,
  list,
  map,
  oneOf,
  opt,
  ptr,
  quantity,
  req,
  type Static,
  str,
  struct,
  time,
} from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const Taint = struct('Taint', {
  key: req(1, str),
  value: opt(2, str),
  effect: req(3, oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute')),
  timeAdded: ptr(4, time),
});
export type Taint = Static<typeof Taint>;

export const ConfigMapNodeConfigSource = struct('ConfigMapNodeConfigSource', {
  namespace: req(1, str),
  name: req(2, str),
  uid: opt(3, str),
  resourceVersion: opt(4, str),
  kubeletConfigKey: req(5, str),
});
export type ConfigMapNodeConfigSource = Static<typeof ConfigMapNodeConfigSource>;

export const NodeConfigSource = struct('NodeConfigSource', {
  configMap: opt(2, ConfigMapNodeConfigSource),
});
export type NodeConfigSource = Static<typeof NodeConfigSource>;

export const NodeSpec = struct('NodeSpec', {
  podCIDR: opt(1, str),
  podCIDRs: opt(7, list(str), { patchStrategy: 'merge', listType: 'set' }),
  providerID: opt(3, str),
  unschedulable: opt(4, bool),
  taints: opt(5, list(Taint), { listType: 'atomic' }),
  configSource: opt(6, NodeConfigSource),
  externalID: opt(2, str),
});
export type NodeSpec = Static<typeof NodeSpec>;

export const NodeCondition = struct('NodeCondition', {
  type: req(1, str),
  status: req(2, oneOf('True', 'False', 'Unknown')),
  lastHeartbeatTime: req(3, time),
  lastTransitionTime: req(4, time),
  reason: opt(5, str),
  message: opt(6, str),
});
export type NodeCondition = Static<typeof NodeCondition>;

export const NodeAddress = struct('NodeAddress', {
  type: req(1, str),
  address: req(2, str),
});
export type NodeAddress = Static<typeof NodeAddress>;

export const DaemonEndpoint = struct('DaemonEndpoint', {
  Port: req(1, int32),
});
export type DaemonEndpoint = Static<typeof DaemonEndpoint>;

export const NodeDaemonEndpoints = struct('NodeDaemonEndpoints', {
  kubeletEndpoint: req(1, DaemonEndpoint),
});
export type NodeDaemonEndpoints = Static<typeof NodeDaemonEndpoints>;

export const NodeSwapStatus = struct('NodeSwapStatus', {
  capacity: ptr(1, int64),
});
export type NodeSwapStatus = Static<typeof NodeSwapStatus>;

export const NodeSystemInfo = struct('NodeSystemInfo', {
  machineID: req(1, str),
  systemUUID: req(2, str),
  bootID: req(3, str),
  kernelVersion: req(4, str),
  osImage: req(5, str),
  containerRuntimeVersion: req(6, str),
  kubeletVersion: req(7, str),
  kubeProxyVersion: req(8, str),
  operatingSystem: req(9, str),
  architecture: req(10, str),
  swap: opt(11, NodeSwapStatus),
});
export type NodeSystemInfo = Static<typeof NodeSystemInfo>;

export const ContainerImage = struct('ContainerImage', {
  names: opt(1, list(str), { listType: 'atomic' }),
  sizeBytes: opt(2, int64),
});
export type ContainerImage = Static<typeof ContainerImage>;

export const AttachedVolume = struct('AttachedVolume', {
  name: req(1, str),
  devicePath: req(2, str),
});
export type AttachedVolume = Static<typeof AttachedVolume>;

export const NodeConfigStatus = struct('NodeConfigStatus', {
  assigned: opt(1, NodeConfigSource),
  active: opt(2, NodeConfigSource),
  lastKnownGood: opt(3, NodeConfigSource),
  error: opt(4, str),
});
export type NodeConfigStatus = Static<typeof NodeConfigStatus>;

export const NodeRuntimeHandlerFeatures = struct('NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: ptr(1, bool),
  userNamespaces: ptr(2, bool),
});
export type NodeRuntimeHandlerFeatures = Static<typeof NodeRuntimeHandlerFeatures>;

export const NodeRuntimeHandler = struct('NodeRuntimeHandler', {
  name: opt(1, str),
  features: opt(2, NodeRuntimeHandlerFeatures),
});
export type NodeRuntimeHandler = Static<typeof NodeRuntimeHandler>;

export const NodeFeatures = struct('NodeFeatures', {
  supplementalGroupsPolicy: ptr(1, bool),
});
export type NodeFeatures = Static<typeof NodeFeatures>;

export const NodeStatus = struct('NodeStatus', {
  capacity: opt(1, map(quantity)),
  allocatable: opt(2, map(quantity)),
  phase: opt(3, oneOf('Pending', 'Running', 'Terminated')),
  conditions: opt(4, list(NodeCondition), {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  addresses: opt(5, list(NodeAddress), {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  daemonEndpoints: req(6, NodeDaemonEndpoints),
  nodeInfo: req(7, NodeSystemInfo),
  images: opt(8, list(ContainerImage), { listType: 'atomic' }),
  volumesInUse: opt(9, list(str), { listType: 'atomic' }),
  volumesAttached: opt(10, list(AttachedVolume), { listType: 'atomic' }),
  config: opt(11, NodeConfigStatus),
  runtimeHandlers: opt(12, list(NodeRuntimeHandler), { listType: 'atomic' }),
  features: opt(13, NodeFeatures),
  declaredFeatures: opt(14, list(str), { listType: 'atomic' }),
});
export type NodeStatus = Static<typeof NodeStatus>;

export const Node = struct('Node', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, NodeSpec),
  status: req(3, NodeStatus),
});
export type Node = Static<typeof Node>;
