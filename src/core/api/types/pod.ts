/** The pod: containers that share one network identity on one node. */
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
import {
  AppArmorProfile,
  Container,
  EphemeralContainer,
  ResourceRequirements,
  SELinuxOptions,
  SeccompProfile,
  WindowsSecurityContextOptions,
} from './container.ts';
import { ContainerStatus } from './container-status.ts';
import { LabelSelector, ObjectMeta, TypeMeta } from './meta.ts';
import { LocalObjectReference } from './reference.ts';
import { Volume } from './volume.ts';

export const Sysctl = struct('Sysctl', {
  name: req(1, str),
  value: req(2, str),
});
export type Sysctl = Static<typeof Sysctl>;

export const PodSecurityContext = struct('PodSecurityContext', {
  seLinuxOptions: opt(1, SELinuxOptions),
  windowsOptions: opt(8, WindowsSecurityContextOptions),
  runAsUser: ptr(2, int64),
  runAsGroup: ptr(6, int64),
  runAsNonRoot: ptr(3, bool),
  supplementalGroups: opt(4, list(int64), { listType: 'atomic' }),
  supplementalGroupsPolicy: ptr(12, oneOf('Merge', 'Strict')),
  fsGroup: ptr(5, int64),
  sysctls: opt(7, list(Sysctl), { listType: 'atomic' }),
  fsGroupChangePolicy: ptr(9, oneOf('OnRootMismatch', 'Always')),
  seccompProfile: opt(10, SeccompProfile),
  appArmorProfile: opt(11, AppArmorProfile),
  seLinuxChangePolicy: ptr(13, oneOf('Recursive', 'MountOption')),
});
export type PodSecurityContext = Static<typeof PodSecurityContext>;

export const NodeSelectorRequirement = struct('NodeSelectorRequirement', {
  key: req(1, str),
  operator: req(2, oneOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt')),
  values: opt(3, list(str), { listType: 'atomic' }),
});
export type NodeSelectorRequirement = Static<typeof NodeSelectorRequirement>;

export const NodeSelectorTerm = struct(
  'NodeSelectorTerm',
  {
    matchExpressions: opt(1, list(NodeSelectorRequirement), { listType: 'atomic' }),
    matchFields: opt(2, list(NodeSelectorRequirement), { listType: 'atomic' }),
  },
  { atomic: true },
);
export type NodeSelectorTerm = Static<typeof NodeSelectorTerm>;

export const NodeSelector = struct(
  'NodeSelector',
  {
    nodeSelectorTerms: req(1, list(NodeSelectorTerm), { listType: 'atomic' }),
  },
  { atomic: true },
);
export type NodeSelector = Static<typeof NodeSelector>;

export const PreferredSchedulingTerm = struct('PreferredSchedulingTerm', {
  weight: req(1, int32),
  preference: req(2, NodeSelectorTerm),
});
export type PreferredSchedulingTerm = Static<typeof PreferredSchedulingTerm>;

export const NodeAffinity = struct('NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, NodeSelector),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, list(PreferredSchedulingTerm), { listType: 'atomic' }),
});
export type NodeAffinity = Static<typeof NodeAffinity>;

export const PodAffinityTerm = struct('PodAffinityTerm', {
  labelSelector: opt(1, LabelSelector),
  namespaces: opt(2, list(str), { listType: 'atomic' }),
  topologyKey: req(3, str),
  namespaceSelector: opt(4, LabelSelector),
  matchLabelKeys: opt(5, list(str), { listType: 'atomic' }),
  mismatchLabelKeys: opt(6, list(str), { listType: 'atomic' }),
});
export type PodAffinityTerm = Static<typeof PodAffinityTerm>;

export const WeightedPodAffinityTerm = struct('WeightedPodAffinityTerm', {
  weight: req(1, int32),
  podAffinityTerm: req(2, PodAffinityTerm),
});
export type WeightedPodAffinityTerm = Static<typeof WeightedPodAffinityTerm>;

export const PodAffinity = struct('PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, list(PodAffinityTerm), { listType: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, list(WeightedPodAffinityTerm), { listType: 'atomic' }),
});
export type PodAffinity = Static<typeof PodAffinity>;

export const PodAntiAffinity = struct('PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, list(PodAffinityTerm), { listType: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, list(WeightedPodAffinityTerm), { listType: 'atomic' }),
});
export type PodAntiAffinity = Static<typeof PodAntiAffinity>;

export const Affinity = struct('Affinity', {
  nodeAffinity: opt(1, NodeAffinity),
  podAffinity: opt(2, PodAffinity),
  podAntiAffinity: opt(3, PodAntiAffinity),
});
export type Affinity = Static<typeof Affinity>;

export const Toleration = struct('Toleration', {
  key: opt(1, str),
  operator: opt(2, oneOf('Exists', 'Equal', 'Lt', 'Gt')),
  value: opt(3, str),
  effect: opt(4, oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute')),
  tolerationSeconds: ptr(5, int64),
});
export type Toleration = Static<typeof Toleration>;

export const HostAlias = struct('HostAlias', {
  ip: req(1, str),
  hostnames: opt(2, list(str), { listType: 'atomic' }),
});
export type HostAlias = Static<typeof HostAlias>;

export const PodDNSConfigOption = struct('PodDNSConfigOption', {
  name: opt(1, str),
  value: ptr(2, str),
});
export type PodDNSConfigOption = Static<typeof PodDNSConfigOption>;

export const PodDNSConfig = struct('PodDNSConfig', {
  nameservers: opt(1, list(str), { listType: 'atomic' }),
  searches: opt(2, list(str), { listType: 'atomic' }),
  options: opt(3, list(PodDNSConfigOption), { listType: 'atomic' }),
});
export type PodDNSConfig = Static<typeof PodDNSConfig>;

export const PodReadinessGate = struct('PodReadinessGate', {
  conditionType: req(1, str),
});
export type PodReadinessGate = Static<typeof PodReadinessGate>;

export const TopologySpreadConstraint = struct('TopologySpreadConstraint', {
  maxSkew: req(1, int32),
  topologyKey: req(2, str),
  whenUnsatisfiable: req(3, oneOf('DoNotSchedule', 'ScheduleAnyway')),
  labelSelector: opt(4, LabelSelector),
  minDomains: ptr(5, int32),
  nodeAffinityPolicy: ptr(6, oneOf('Ignore', 'Honor')),
  nodeTaintsPolicy: ptr(7, oneOf('Ignore', 'Honor')),
  matchLabelKeys: opt(8, list(str), { listType: 'atomic' }),
});
export type TopologySpreadConstraint = Static<typeof TopologySpreadConstraint>;

export const PodOS = struct('PodOS', {
  name: req(1, oneOf('linux', 'windows')),
});
export type PodOS = Static<typeof PodOS>;

export const PodSchedulingGate = struct('PodSchedulingGate', {
  name: req(1, str),
});
export type PodSchedulingGate = Static<typeof PodSchedulingGate>;

export const PodResourceClaim = struct('PodResourceClaim', {
  name: req(1, str),
  resourceClaimName: ptr(3, str),
  resourceClaimTemplateName: ptr(4, str),
});
export type PodResourceClaim = Static<typeof PodResourceClaim>;

export const PodSchedulingGroup = struct('PodSchedulingGroup', {
  podGroupName: ptr(1, str),
});
export type PodSchedulingGroup = Static<typeof PodSchedulingGroup>;

export const PodSpec = struct('PodSpec', {
  volumes: opt(1, list(Volume), {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  initContainers: opt(20, list(Container), {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  containers: req(2, list(Container), {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  ephemeralContainers: opt(34, list(EphemeralContainer), {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  restartPolicy: opt(3, oneOf('Always', 'OnFailure', 'Never')),
  terminationGracePeriodSeconds: ptr(4, int64),
  activeDeadlineSeconds: ptr(5, int64),
  dnsPolicy: opt(6, oneOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None')),
  nodeSelector: opt(7, map(str), { mapType: 'atomic' }),
  serviceAccountName: opt(8, str),
  serviceAccount: opt(9, str),
  automountServiceAccountToken: ptr(21, bool),
  nodeName: opt(10, str),
  hostNetwork: opt(11, bool),
  hostPID: opt(12, bool),
  hostIPC: opt(13, bool),
  shareProcessNamespace: ptr(27, bool),
  securityContext: opt(14, PodSecurityContext),
  imagePullSecrets: opt(15, list(LocalObjectReference), {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  hostname: opt(16, str),
  subdomain: opt(17, str),
  affinity: opt(18, Affinity),
  schedulerName: opt(19, str),
  tolerations: opt(22, list(Toleration), { listType: 'atomic' }),
  hostAliases: opt(23, list(HostAlias), {
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
    listType: 'map',
    listMapKeys: ['ip'],
  }),
  priorityClassName: opt(24, str),
  priority: ptr(25, int32),
  dnsConfig: opt(26, PodDNSConfig),
  readinessGates: opt(28, list(PodReadinessGate), { listType: 'atomic' }),
  runtimeClassName: ptr(29, str),
  enableServiceLinks: ptr(30, bool),
  preemptionPolicy: ptr(31, oneOf('PreemptLowerPriority', 'Never')),
  overhead: opt(32, map(quantity)),
  topologySpreadConstraints: opt(33, list(TopologySpreadConstraint), {
    patchStrategy: 'merge',
    patchMergeKey: 'topologyKey',
    listType: 'map',
    listMapKeys: ['topologyKey', 'whenUnsatisfiable'],
  }),
  setHostnameAsFQDN: ptr(35, bool),
  os: opt(36, PodOS),
  hostUsers: ptr(37, bool),
  schedulingGates: opt(38, list(PodSchedulingGate), {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  resourceClaims: opt(39, list(PodResourceClaim), {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  resources: opt(40, ResourceRequirements),
  hostnameOverride: ptr(41, str),
  schedulingGroup: opt(43, PodSchedulingGroup),
});
export type PodSpec = Static<typeof PodSpec>;

export const PodCondition = struct('PodCondition', {
  type: req(1, str),
  observedGeneration: opt(7, int64),
  status: req(2, oneOf('True', 'False', 'Unknown')),
  lastProbeTime: req(3, time),
  lastTransitionTime: req(4, time),
  reason: opt(5, str),
  message: opt(6, str),
});
export type PodCondition = Static<typeof PodCondition>;

export const HostIP = struct('HostIP', {
  ip: req(1, str),
});
export type HostIP = Static<typeof HostIP>;

export const PodIP = struct('PodIP', {
  ip: req(1, str),
});
export type PodIP = Static<typeof PodIP>;

export const PodResourceClaimStatus = struct('PodResourceClaimStatus', {
  name: req(1, str),
  resourceClaimName: ptr(2, str),
});
export type PodResourceClaimStatus = Static<typeof PodResourceClaimStatus>;

export const ContainerExtendedResourceRequest = struct('ContainerExtendedResourceRequest', {
  containerName: req(1, str),
  resourceName: req(2, str),
  requestName: req(3, str),
});
export type ContainerExtendedResourceRequest = Static<typeof ContainerExtendedResourceRequest>;

export const PodExtendedResourceClaimStatus = struct('PodExtendedResourceClaimStatus', {
  requestMappings: req(1, list(ContainerExtendedResourceRequest), { listType: 'atomic' }),
  resourceClaimName: req(2, str),
});
export type PodExtendedResourceClaimStatus = Static<typeof PodExtendedResourceClaimStatus>;

export const NodeAllocatableResourceClaimStatus = struct('NodeAllocatableResourceClaimStatus', {
  resourceClaimName: req(1, str),
  containers: opt(2, list(str), { listType: 'set' }),
  resources: req(3, map(quantity)),
});
export type NodeAllocatableResourceClaimStatus = Static<typeof NodeAllocatableResourceClaimStatus>;

export const PodStatus = struct('PodStatus', {
  observedGeneration: opt(17, int64),
  phase: opt(1, oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown')),
  conditions: opt(2, list(PodCondition), {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  message: opt(3, str),
  reason: opt(4, str),
  nominatedNodeName: opt(11, str),
  hostIP: opt(5, str),
  hostIPs: opt(16, list(HostIP), { patchStrategy: 'merge', patchMergeKey: 'ip', listType: 'atomic' }),
  podIP: opt(6, str),
  podIPs: opt(12, list(PodIP), { patchStrategy: 'merge', patchMergeKey: 'ip', listType: 'map', listMapKeys: ['ip'] }),
  startTime: ptr(7, time),
  initContainerStatuses: opt(10, list(ContainerStatus), { listType: 'atomic' }),
  containerStatuses: opt(8, list(ContainerStatus), { listType: 'atomic' }),
  qosClass: opt(9, oneOf('Guaranteed', 'Burstable', 'BestEffort')),
  ephemeralContainerStatuses: opt(13, list(ContainerStatus), { listType: 'atomic' }),
  resize: opt(14, oneOf('InProgress', 'Deferred', 'Infeasible')),
  resourceClaimStatuses: opt(15, list(PodResourceClaimStatus), {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  extendedResourceClaimStatus: opt(18, PodExtendedResourceClaimStatus),
  allocatedResources: opt(19, map(quantity)),
  resources: opt(20, ResourceRequirements),
  nodeAllocatableResourceClaimStatuses: opt(21, list(NodeAllocatableResourceClaimStatus), { listType: 'atomic' }),
});
export type PodStatus = Static<typeof PodStatus>;

export const Pod = struct('Pod', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, PodSpec),
  status: req(3, PodStatus),
});
export type Pod = Static<typeof Pod>;

export const PodTemplateSpec = struct('PodTemplateSpec', {
  metadata: req(1, ObjectMeta),
  spec: req(2, PodSpec),
});
export type PodTemplateSpec = Static<typeof PodTemplateSpec>;
