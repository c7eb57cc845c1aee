/**
 * What the older versions never had: fields of v1 that an object loses on the way there and back, and values that
 * change. Everything else survives; the test of this file holds both directions against random objects. Over HTTP
 * nothing is lost: see overlay.ts.
 */
import { isInline, type OlderVersion } from './version.ts';

const under = (path: string, fields: readonly string[]) => fields.map((field) => `${path}.${field}`);

const metadata = ['generation', 'deletionGracePeriodSeconds', 'ownerReferences', 'finalizers', 'managedFields'];

const httpAndTcp = ['httpGet.scheme', 'httpGet.httpHeaders', 'tcpSocket.host'];
const probe = [
  ...httpAndTcp,
  'grpc',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
  'terminationGracePeriodSeconds',
];
const handler = [...httpAndTcp, 'sleep'];

const container = [
  'envFrom',
  ...under('env[].valueFrom', ['resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef']),
  'resources.claims',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  ...under('volumeMounts[]', ['recursiveReadOnly', 'subPath', 'mountPropagation', 'subPathExpr']),
  'volumeDevices',
  ...under('livenessProbe', probe),
  ...under('readinessProbe', probe),
  'startupProbe',
  ...under('lifecycle.postStart', handler),
  ...under('lifecycle.preStop', handler),
  'lifecycle.stopSignal',
  'terminationMessagePolicy',
  ...under('securityContext', [
    'windowsOptions',
    'runAsGroup',
    'runAsNonRoot',
    'readOnlyRootFilesystem',
    'allowPrivilegeEscalation',
    'procMount',
    'seccompProfile',
    'appArmorProfile',
  ]),
  'stdin',
  'stdinOnce',
  'tty',
];

/** Of the disks that pods and persistent volumes could have then. */
const laterSources = [
  'rbd',
  'cinder',
  'cephfs',
  'fc',
  'flocker',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
  'csi',
];

const volume = [
  'hostPath.type',
  'emptyDir.sizeLimit',
  'gitRepo.directory',
  ...under('secret', ['items', 'defaultMode', 'optional']),
  ...under('iscsi', [
    'iscsiInterface',
    'portals',
    'chapAuthDiscovery',
    'chapAuthSession',
    'secretRef',
    'initiatorName',
  ]),
  ...laterSources,
  'downwardAPI',
  'configMap',
  'projected',
  'ephemeral',
  'image',
];

const podSpec = [
  ...under('volumes[]', volume),
  'initContainers',
  ...under('containers[]', container),
  'ephemeralContainers',
  'activeDeadlineSeconds',
  'serviceAccountName',
  'serviceAccount',
  'automountServiceAccountToken',
  'hostPID',
  'hostIPC',
  'shareProcessNamespace',
  'securityContext',
  'imagePullSecrets',
  'hostname',
  'subdomain',
  'affinity',
  'schedulerName',
  'tolerations',
  'hostAliases',
  'priorityClassName',
  'priority',
  'dnsConfig',
  'readinessGates',
  'runtimeClassName',
  'enableServiceLinks',
  'preemptionPolicy',
  'overhead',
  'topologySpreadConstraints',
  'setHostnameAsFQDN',
  'os',
  'hostUsers',
  'schedulingGates',
  'resourceClaims',
  'resources',
  'hostnameOverride',
  'schedulingGroup',
];

const podStatus = [
  'observedGeneration',
  ...under('conditions[]', ['observedGeneration', 'lastProbeTime', 'lastTransitionTime', 'reason', 'message']),
  'reason',
  'nominatedNodeName',
  'hostIPs',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  ...under('containerStatuses[]', [
    'state.waiting.message',
    'lastState.waiting.message',
    'started',
    'allocatedResources',
    'resources',
    'volumeMounts',
    'user',
    'allocatedResourcesStatus',
    'stopSignal',
  ]),
  'qosClass',
  'ephemeralContainerStatuses',
  'resize',
  'resourceClaimStatuses',
  'extendedResourceClaimStatus',
  'allocatedResources',
  'resources',
  'nodeAllocatableResourceClaimStatuses',
];

const template = [...under('metadata', metadata), ...under('spec', podSpec)];

/** Fields of v1 by kind that no older version had. */
const inAll: Readonly<Record<string, readonly string[]>> = {
  Pod: [...under('spec', podSpec), ...under('status', podStatus)],
  ReplicationController: [
    'spec.minReadySeconds',
    ...under('spec.template', template),
    ...under('status', [
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'observedGeneration',
      'conditions',
    ]),
  ],
  Service: [
    'spec.ports[].appProtocol',
    'spec.ports[].nodePort',
    'spec.clusterIPs',
    'spec.loadBalancerIP',
    'spec.loadBalancerSourceRanges',
    'spec.externalName',
    'spec.externalTrafficPolicy',
    'spec.healthCheckNodePort',
    'spec.publishNotReadyAddresses',
    'spec.sessionAffinityConfig',
    'spec.ipFamilies',
    'spec.ipFamilyPolicy',
    'spec.allocateLoadBalancerNodePorts',
    'spec.loadBalancerClass',
    'spec.internalTrafficPolicy',
    'spec.trafficDistribution',
    'status',
  ],
  Endpoints: [
    'subsets[].addresses[].hostname',
    'subsets[].addresses[].nodeName',
    'subsets[].notReadyAddresses',
    'subsets[].ports[].appProtocol',
  ],
  Node: [
    'spec.podCIDRs',
    'spec.providerID',
    'spec.taints',
    'spec.configSource',
    'status.allocatable',
    'status.daemonEndpoints',
    'status.nodeInfo.operatingSystem',
    'status.nodeInfo.architecture',
    'status.nodeInfo.swap',
    'status.images',
    'status.volumesInUse',
    'status.volumesAttached',
    'status.config',
    'status.runtimeHandlers',
    'status.features',
    'status.declaredFeatures',
  ],
  Namespace: ['status.conditions'],
  Event: ['type', 'eventTime', 'series', 'action', 'related', 'reportingComponent', 'reportingInstance'],
  Secret: ['immutable', 'stringData'],
  PodTemplate: under('template', template),
  LimitRange: under('spec.limits[]', ['defaultRequest', 'maxLimitRequestRatio']),
  ResourceQuota: ['spec.scopes', 'spec.scopeSelector'],
  PersistentVolume: [
    ...under('spec', [
      'hostPath.type',
      'glusterfs.endpointsNamespace',
      'iscsi',
      'local',
      ...laterSources,
      'persistentVolumeReclaimPolicy',
      'storageClassName',
      'mountOptions',
      'volumeMode',
      'nodeAffinity',
      'volumeAttributesClassName',
    ]),
    ...under('status', ['message', 'reason', 'lastPhaseTransitionTime']),
  ],
  PersistentVolumeClaim: [
    ...under('spec', [
      'selector',
      'storageClassName',
      'volumeMode',
      'dataSource',
      'dataSourceRef',
      'volumeAttributesClassName',
    ]),
    ...under('status', [
      'conditions',
      'allocatedResources',
      'allocatedResourceStatuses',
      'currentVolumeAttributesClassName',
      'modifyVolumeStatus',
    ]),
  ],
  Binding: under('target', ['namespace', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']),
};

/** Fields that came with v1beta3. */
const inInline: Readonly<Record<string, readonly string[]>> = {
  ReplicationController: under('spec.template.metadata', [
    'name',
    'generateName',
    'namespace',
    'selfLink',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'deletionTimestamp',
  ]),
  Endpoints: ['metadata.labels'],
  Event: ['metadata.labels'],
  Secret: ['metadata.labels'],
  LimitRange: ['metadata.labels'],
  PersistentVolume: ['metadata.labels'],
  PersistentVolumeClaim: ['metadata.labels'],
  ComponentStatus: ['metadata.labels'],
  Binding: ['metadata.labels'],
};

/** Paths of what a kind loses in a version; `[]` is each item of a list. */
export function lostFields(version: OlderVersion, kind: string): readonly string[] {
  const always = [...under('metadata', metadata), ...(inAll[kind] ?? [])];
  return isInline(version) ? [...always, ...(inInline[kind] ?? [])] : always;
}

/** Values that change. */
export const changedValues = [
  { kind: 'Service', path: 'spec.type', how: 'LoadBalancer stays, every other type becomes the default' },
  { kind: 'ReplicationController', path: 'spec.replicas', how: 'absent becomes 0, the default of those versions' },
  { kind: 'Node', path: 'spec.externalID', how: 'absent becomes the name, the default of those versions' },
  {
    kind: '*',
    path: '*',
    how: 'before v1beta3 amounts of resources become whole, of cpu whole thousandths, and memory is written in powers of 1024',
  },
  { kind: '*', path: 'containers[].imagePullPolicy', how: 'absent becomes IfNotPresent for images without a tag' },
  { kind: 'Binding', path: 'target.kind', how: 'before v1beta3 it is always Node' },
] as const;
