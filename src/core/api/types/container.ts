/** Containers of a pod and their probes, ports, environment and resources. */
import {
  bool,
  inline,
  int32,
  int64,
  intOrString,
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
} from '../schema.ts';
import { LocalObjectReference, ObjectFieldSelector, ResourceFieldSelector } from './reference.ts';

export const ContainerPort = struct('ContainerPort', {
  name: opt(1, str),
  hostPort: opt(2, int32),
  containerPort: req(3, int32),
  protocol: opt(4, oneOf('TCP', 'UDP', 'SCTP'), { default: 'TCP' }),
  hostIP: opt(5, str),
});
export type ContainerPort = Static<typeof ContainerPort>;

export const ConfigMapEnvSource = struct('ConfigMapEnvSource', {
  ...inline(1, LocalObjectReference),
  optional: ptr(2, bool),
});
export type ConfigMapEnvSource = Static<typeof ConfigMapEnvSource>;

export const SecretEnvSource = struct('SecretEnvSource', {
  ...inline(1, LocalObjectReference),
  optional: ptr(2, bool),
});
export type SecretEnvSource = Static<typeof SecretEnvSource>;

export const EnvFromSource = struct('EnvFromSource', {
  prefix: opt(1, str),
  configMapRef: opt(2, ConfigMapEnvSource),
  secretRef: opt(3, SecretEnvSource),
});
export type EnvFromSource = Static<typeof EnvFromSource>;

export const ConfigMapKeySelector = struct(
  'ConfigMapKeySelector',
  {
    ...inline(1, LocalObjectReference),
    key: req(2, str),
    optional: ptr(3, bool),
  },
  { atomic: true },
);
export type ConfigMapKeySelector = Static<typeof ConfigMapKeySelector>;

export const SecretKeySelector = struct(
  'SecretKeySelector',
  {
    ...inline(1, LocalObjectReference),
    key: req(2, str),
    optional: ptr(3, bool),
  },
  { atomic: true },
);
export type SecretKeySelector = Static<typeof SecretKeySelector>;

export const FileKeySelector = struct(
  'FileKeySelector',
  {
    volumeName: req(1, str),
    path: req(2, str),
    key: req(3, str),
    optional: ptr(4, bool, { default: false }),
  },
  { atomic: true },
);
export type FileKeySelector = Static<typeof FileKeySelector>;

export const EnvVarSource = struct('EnvVarSource', {
  fieldRef: opt(1, ObjectFieldSelector),
  resourceFieldRef: opt(2, ResourceFieldSelector),
  configMapKeyRef: opt(3, ConfigMapKeySelector),
  secretKeyRef: opt(4, SecretKeySelector),
  fileKeyRef: opt(5, FileKeySelector),
});
export type EnvVarSource = Static<typeof EnvVarSource>;

export const EnvVar = struct('EnvVar', {
  name: req(1, str),
  value: opt(2, str),
  valueFrom: opt(3, EnvVarSource),
});
export type EnvVar = Static<typeof EnvVar>;

export const ResourceClaim = struct('ResourceClaim', {
  name: req(1, str),
  request: opt(2, str),
});
export type ResourceClaim = Static<typeof ResourceClaim>;

export const ResourceRequirements = struct('ResourceRequirements', {
  limits: opt(1, map(quantity)),
  requests: opt(2, map(quantity)),
  claims: opt(3, list(ResourceClaim), { listType: 'map', listMapKeys: ['name'] }),
});
export type ResourceRequirements = Static<typeof ResourceRequirements>;

export const ContainerResizePolicy = struct('ContainerResizePolicy', {
  resourceName: req(1, str),
  restartPolicy: req(2, oneOf('NotRequired', 'RestartContainer')),
});
export type ContainerResizePolicy = Static<typeof ContainerResizePolicy>;

export const ContainerRestartRuleOnExitCodes = struct('ContainerRestartRuleOnExitCodes', {
  operator: req(1, oneOf('In', 'NotIn')),
  values: opt(2, list(int32), { listType: 'set' }),
});
export type ContainerRestartRuleOnExitCodes = Static<typeof ContainerRestartRuleOnExitCodes>;

export const ContainerRestartRule = struct('ContainerRestartRule', {
  action: req(1, oneOf('Restart', 'RestartAllContainers')),
  exitCodes: opt(2, ContainerRestartRuleOnExitCodes),
});
export type ContainerRestartRule = Static<typeof ContainerRestartRule>;

export const VolumeMount = struct('VolumeMount', {
  name: req(1, str),
  readOnly: opt(2, bool),
  recursiveReadOnly: ptr(7, oneOf('Disabled', 'IfPossible', 'Enabled')),
  mountPath: req(3, str),
  subPath: opt(4, str),
  mountPropagation: ptr(5, oneOf('None', 'HostToContainer', 'Bidirectional')),
  subPathExpr: opt(6, str),
});
export type VolumeMount = Static<typeof VolumeMount>;

export const VolumeDevice = struct('VolumeDevice', {
  name: req(1, str),
  devicePath: req(2, str),
});
export type VolumeDevice = Static<typeof VolumeDevice>;

export const ExecAction = struct('ExecAction', {
  command: opt(1, list(str), { listType: 'atomic' }),
});
export type ExecAction = Static<typeof ExecAction>;

export const HTTPHeader = struct('HTTPHeader', {
  name: req(1, str),
  value: req(2, str),
});
export type HTTPHeader = Static<typeof HTTPHeader>;

export const HTTPGetAction = struct('HTTPGetAction', {
  path: opt(1, str),
  port: req(2, intOrString),
  host: opt(3, str),
  scheme: opt(4, oneOf('HTTP', 'HTTPS')),
  httpHeaders: opt(5, list(HTTPHeader), { listType: 'atomic' }),
});
export type HTTPGetAction = Static<typeof HTTPGetAction>;

export const TCPSocketAction = struct('TCPSocketAction', {
  port: req(1, intOrString),
  host: opt(2, str),
});
export type TCPSocketAction = Static<typeof TCPSocketAction>;

export const GRPCAction = struct('GRPCAction', {
  port: req(1, int32),
  service: ptr(2, str, { default: '' }),
});
export type GRPCAction = Static<typeof GRPCAction>;

export const ProbeHandler = struct('ProbeHandler', {
  exec: opt(1, ExecAction),
  httpGet: opt(2, HTTPGetAction),
  tcpSocket: opt(3, TCPSocketAction),
  grpc: opt(4, GRPCAction),
});
export type ProbeHandler = Static<typeof ProbeHandler>;

export const Probe = struct('Probe', {
  ...inline(1, ProbeHandler),
  initialDelaySeconds: opt(2, int32),
  timeoutSeconds: opt(3, int32),
  periodSeconds: opt(4, int32),
  successThreshold: opt(5, int32),
  failureThreshold: opt(6, int32),
  terminationGracePeriodSeconds: ptr(7, int64),
});
export type Probe = Static<typeof Probe>;

export const SleepAction = struct('SleepAction', {
  seconds: req(1, int64),
});
export type SleepAction = Static<typeof SleepAction>;

export const LifecycleHandler = struct('LifecycleHandler', {
  exec: opt(1, ExecAction),
  httpGet: opt(2, HTTPGetAction),
  tcpSocket: opt(3, TCPSocketAction),
  sleep: opt(4, SleepAction),
});
export type LifecycleHandler = Static<typeof LifecycleHandler>;

export const Lifecycle = struct('Lifecycle', {
  postStart: opt(1, LifecycleHandler),
  preStop: opt(2, LifecycleHandler),
  stopSignal: ptr(3, str),
});
export type Lifecycle = Static<typeof Lifecycle>;

export const Capabilities = struct('Capabilities', {
  add: opt(1, list(str), { listType: 'atomic' }),
  drop: opt(2, list(str), { listType: 'atomic' }),
});
export type Capabilities = Static<typeof Capabilities>;

export const SELinuxOptions = struct('SELinuxOptions', {
  user: opt(1, str),
  role: opt(2, str),
  type: opt(3, str),
  level: opt(4, str),
});
export type SELinuxOptions = Static<typeof SELinuxOptions>;

export const WindowsSecurityContextOptions = struct('WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: ptr(1, str),
  gmsaCredentialSpec: ptr(2, str),
  runAsUserName: ptr(3, str),
  hostProcess: ptr(4, bool),
});
export type WindowsSecurityContextOptions = Static<typeof WindowsSecurityContextOptions>;

export const SeccompProfile = struct('SeccompProfile', {
  type: req(1, oneOf('Unconfined', 'RuntimeDefault', 'Localhost')),
  localhostProfile: ptr(2, str),
});
export type SeccompProfile = Static<typeof SeccompProfile>;

export const AppArmorProfile = struct('AppArmorProfile', {
  type: req(1, oneOf('Unconfined', 'RuntimeDefault', 'Localhost')),
  localhostProfile: ptr(2, str),
});
export type AppArmorProfile = Static<typeof AppArmorProfile>;

export const SecurityContext = struct('SecurityContext', {
  capabilities: opt(1, Capabilities),
  privileged: ptr(2, bool),
  seLinuxOptions: opt(3, SELinuxOptions),
  windowsOptions: opt(10, WindowsSecurityContextOptions),
  runAsUser: ptr(4, int64),
  runAsGroup: ptr(8, int64),
  runAsNonRoot: ptr(5, bool),
  readOnlyRootFilesystem: ptr(6, bool),
  allowPrivilegeEscalation: ptr(7, bool),
  procMount: ptr(9, oneOf('Default', 'Unmasked')),
  seccompProfile: opt(11, SeccompProfile),
  appArmorProfile: opt(12, AppArmorProfile),
});
export type SecurityContext = Static<typeof SecurityContext>;

export const Container = struct('Container', {
  name: req(1, str),
  image: opt(2, str),
  command: opt(3, list(str), { listType: 'atomic' }),
  args: opt(4, list(str), { listType: 'atomic' }),
  workingDir: opt(5, str),
  ports: opt(6, list(ContainerPort), {
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
    listType: 'map',
    listMapKeys: ['containerPort', 'protocol'],
  }),
  envFrom: opt(19, list(EnvFromSource), { listType: 'atomic' }),
  env: opt(7, list(EnvVar), { patchStrategy: 'merge', patchMergeKey: 'name', listType: 'map', listMapKeys: ['name'] }),
  resources: req(8, ResourceRequirements),
  resizePolicy: opt(23, list(ContainerResizePolicy), { listType: 'atomic' }),
  restartPolicy: ptr(24, oneOf('Always', 'Never', 'OnFailure')),
  restartPolicyRules: opt(25, list(ContainerRestartRule), { listType: 'atomic' }),
  volumeMounts: opt(9, list(VolumeMount), {
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
    listType: 'map',
    listMapKeys: ['mountPath'],
  }),
  volumeDevices: opt(21, list(VolumeDevice), {
    patchStrategy: 'merge',
    patchMergeKey: 'devicePath',
    listType: 'map',
    listMapKeys: ['devicePath'],
  }),
  livenessProbe: opt(10, Probe),
  readinessProbe: opt(11, Probe),
  startupProbe: opt(22, Probe),
  lifecycle: opt(12, Lifecycle),
  terminationMessagePath: opt(13, str),
  terminationMessagePolicy: opt(20, oneOf('File', 'FallbackToLogsOnError')),
  imagePullPolicy: opt(14, oneOf('Always', 'Never', 'IfNotPresent')),
  securityContext: opt(15, SecurityContext),
  stdin: opt(16, bool),
  stdinOnce: opt(17, bool),
  tty: opt(18, bool),
});
export type Container = Static<typeof Container>;

export const EphemeralContainerCommon = struct('EphemeralContainerCommon', {
  name: req(1, str),
  image: opt(2, str),
  command: opt(3, list(str), { listType: 'atomic' }),
  args: opt(4, list(str), { listType: 'atomic' }),
  workingDir: opt(5, str),
  ports: opt(6, list(ContainerPort), {
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
    listType: 'map',
    listMapKeys: ['containerPort', 'protocol'],
  }),
  envFrom: opt(19, list(EnvFromSource), { listType: 'atomic' }),
  env: opt(7, list(EnvVar), { patchStrategy: 'merge', patchMergeKey: 'name', listType: 'map', listMapKeys: ['name'] }),
  resources: req(8, ResourceRequirements),
  resizePolicy: opt(23, list(ContainerResizePolicy), { listType: 'atomic' }),
  restartPolicy: ptr(24, oneOf('Always', 'Never', 'OnFailure')),
  restartPolicyRules: opt(25, list(ContainerRestartRule), { listType: 'atomic' }),
  volumeMounts: opt(9, list(VolumeMount), {
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
    listType: 'map',
    listMapKeys: ['mountPath'],
  }),
  volumeDevices: opt(21, list(VolumeDevice), {
    patchStrategy: 'merge',
    patchMergeKey: 'devicePath',
    listType: 'map',
    listMapKeys: ['devicePath'],
  }),
  livenessProbe: opt(10, Probe),
  readinessProbe: opt(11, Probe),
  startupProbe: opt(22, Probe),
  lifecycle: opt(12, Lifecycle),
  terminationMessagePath: opt(13, str),
  terminationMessagePolicy: opt(20, oneOf('File', 'FallbackToLogsOnError')),
  imagePullPolicy: opt(14, oneOf('Always', 'Never', 'IfNotPresent')),
  securityContext: opt(15, SecurityContext),
  stdin: opt(16, bool),
  stdinOnce: opt(17, bool),
  tty: opt(18, bool),
});
export type EphemeralContainerCommon = Static<typeof EphemeralContainerCommon>;

export const EphemeralContainer = struct('EphemeralContainer', {
  ...inline(1, EphemeralContainerCommon),
  targetContainerName: opt(2, str),
});
export type EphemeralContainer = Static<typeof EphemeralContainer>;
