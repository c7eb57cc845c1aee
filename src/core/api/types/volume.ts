/** Volumes of a pod: a name and one source. */
import {
  bool,
  inline,
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
} from '../schema.ts';
import { LabelSelector, ObjectMeta } from './meta.ts';
import {
  LocalObjectReference,
  ObjectFieldSelector,
  ResourceFieldSelector,
  TypedLocalObjectReference,
  TypedObjectReference,
} from './reference.ts';

export const HostPathVolumeSource = struct('HostPathVolumeSource', {
  path: req(1, str),
  type: ptr(2, str),
});
export type HostPathVolumeSource = Static<typeof HostPathVolumeSource>;

export const EmptyDirVolumeSource = struct('EmptyDirVolumeSource', {
  medium: opt(1, str),
  sizeLimit: ptr(2, quantity),
});
export type EmptyDirVolumeSource = Static<typeof EmptyDirVolumeSource>;

export const GCEPersistentDiskVolumeSource = struct('GCEPersistentDiskVolumeSource', {
  pdName: req(1, str),
  fsType: opt(2, str),
  partition: opt(3, int32),
  readOnly: opt(4, bool),
});
export type GCEPersistentDiskVolumeSource = Static<typeof GCEPersistentDiskVolumeSource>;

export const AWSElasticBlockStoreVolumeSource = struct('AWSElasticBlockStoreVolumeSource', {
  volumeID: req(1, str),
  fsType: opt(2, str),
  partition: opt(3, int32),
  readOnly: opt(4, bool),
});
export type AWSElasticBlockStoreVolumeSource = Static<typeof AWSElasticBlockStoreVolumeSource>;

export const GitRepoVolumeSource = struct('GitRepoVolumeSource', {
  repository: req(1, str),
  revision: opt(2, str),
  directory: opt(3, str),
});
export type GitRepoVolumeSource = Static<typeof GitRepoVolumeSource>;

export const KeyToPath = struct('KeyToPath', {
  key: req(1, str),
  path: req(2, str),
  mode: ptr(3, int32),
});
export type KeyToPath = Static<typeof KeyToPath>;

export const SecretVolumeSource = struct('SecretVolumeSource', {
  secretName: opt(1, str),
  items: opt(2, list(KeyToPath), { listType: 'atomic' }),
  defaultMode: ptr(3, int32),
  optional: ptr(4, bool),
});
export type SecretVolumeSource = Static<typeof SecretVolumeSource>;

export const NFSVolumeSource = struct('NFSVolumeSource', {
  server: req(1, str),
  path: req(2, str),
  readOnly: opt(3, bool),
});
export type NFSVolumeSource = Static<typeof NFSVolumeSource>;

export const ISCSIVolumeSource = struct('ISCSIVolumeSource', {
  targetPortal: req(1, str),
  iqn: req(2, str),
  lun: req(3, int32),
  iscsiInterface: opt(4, str, { default: 'default' }),
  fsType: opt(5, str),
  readOnly: opt(6, bool),
  portals: opt(7, list(str), { listType: 'atomic' }),
  chapAuthDiscovery: opt(8, bool),
  chapAuthSession: opt(11, bool),
  secretRef: opt(10, LocalObjectReference),
  initiatorName: ptr(12, str),
});
export type ISCSIVolumeSource = Static<typeof ISCSIVolumeSource>;

export const GlusterfsVolumeSource = struct('GlusterfsVolumeSource', {
  endpoints: req(1, str),
  path: req(2, str),
  readOnly: opt(3, bool),
});
export type GlusterfsVolumeSource = Static<typeof GlusterfsVolumeSource>;

export const PersistentVolumeClaimVolumeSource = struct('PersistentVolumeClaimVolumeSource', {
  claimName: req(1, str),
  readOnly: opt(2, bool),
});
export type PersistentVolumeClaimVolumeSource = Static<typeof PersistentVolumeClaimVolumeSource>;

export const RBDVolumeSource = struct('RBDVolumeSource', {
  monitors: req(1, list(str), { listType: 'atomic' }),
  image: req(2, str),
  fsType: opt(3, str),
  pool: opt(4, str, { default: 'rbd' }),
  user: opt(5, str, { default: 'admin' }),
  keyring: opt(6, str, { default: '/etc/ceph/keyring' }),
  secretRef: opt(7, LocalObjectReference),
  readOnly: opt(8, bool),
});
export type RBDVolumeSource = Static<typeof RBDVolumeSource>;

export const FlexVolumeSource = struct('FlexVolumeSource', {
  driver: req(1, str),
  fsType: opt(2, str),
  secretRef: opt(3, LocalObjectReference),
  readOnly: opt(4, bool),
  options: opt(5, map(str)),
});
export type FlexVolumeSource = Static<typeof FlexVolumeSource>;

export const CinderVolumeSource = struct('CinderVolumeSource', {
  volumeID: req(1, str),
  fsType: opt(2, str),
  readOnly: opt(3, bool),
  secretRef: opt(4, LocalObjectReference),
});
export type CinderVolumeSource = Static<typeof CinderVolumeSource>;

export const CephFSVolumeSource = struct('CephFSVolumeSource', {
  monitors: req(1, list(str), { listType: 'atomic' }),
  path: opt(2, str),
  user: opt(3, str),
  secretFile: opt(4, str),
  secretRef: opt(5, LocalObjectReference),
  readOnly: opt(6, bool),
});
export type CephFSVolumeSource = Static<typeof CephFSVolumeSource>;

export const FlockerVolumeSource = struct('FlockerVolumeSource', {
  datasetName: opt(1, str),
  datasetUUID: opt(2, str),
});
export type FlockerVolumeSource = Static<typeof FlockerVolumeSource>;

export const DownwardAPIVolumeFile = struct('DownwardAPIVolumeFile', {
  path: req(1, str),
  fieldRef: opt(2, ObjectFieldSelector),
  resourceFieldRef: opt(3, ResourceFieldSelector),
  mode: ptr(4, int32),
});
export type DownwardAPIVolumeFile = Static<typeof DownwardAPIVolumeFile>;

export const DownwardAPIVolumeSource = struct('DownwardAPIVolumeSource', {
  items: opt(1, list(DownwardAPIVolumeFile), { listType: 'atomic' }),
  defaultMode: ptr(2, int32),
});
export type DownwardAPIVolumeSource = Static<typeof DownwardAPIVolumeSource>;

export const FCVolumeSource = struct('FCVolumeSource', {
  targetWWNs: opt(1, list(str), { listType: 'atomic' }),
  lun: ptr(2, int32),
  fsType: opt(3, str),
  readOnly: opt(4, bool),
  wwids: opt(5, list(str), { listType: 'atomic' }),
});
export type FCVolumeSource = Static<typeof FCVolumeSource>;

export const AzureFileVolumeSource = struct('AzureFileVolumeSource', {
  secretName: req(1, str),
  shareName: req(2, str),
  readOnly: opt(3, bool),
});
export type AzureFileVolumeSource = Static<typeof AzureFileVolumeSource>;

export const ConfigMapVolumeSource = struct('ConfigMapVolumeSource', {
  ...inline(1, LocalObjectReference),
  items: opt(2, list(KeyToPath), { listType: 'atomic' }),
  defaultMode: ptr(3, int32),
  optional: ptr(4, bool),
});
export type ConfigMapVolumeSource = Static<typeof ConfigMapVolumeSource>;

export const VsphereVirtualDiskVolumeSource = struct('VsphereVirtualDiskVolumeSource', {
  volumePath: req(1, str),
  fsType: opt(2, str),
  storagePolicyName: opt(3, str),
  storagePolicyID: opt(4, str),
});
export type VsphereVirtualDiskVolumeSource = Static<typeof VsphereVirtualDiskVolumeSource>;

export const QuobyteVolumeSource = struct('QuobyteVolumeSource', {
  registry: req(1, str),
  volume: req(2, str),
  readOnly: opt(3, bool),
  user: opt(4, str),
  group: opt(5, str),
  tenant: opt(6, str),
});
export type QuobyteVolumeSource = Static<typeof QuobyteVolumeSource>;

export const AzureDiskVolumeSource = struct('AzureDiskVolumeSource', {
  diskName: req(1, str),
  diskURI: req(2, str),
  cachingMode: ptr(3, oneOf('None', 'ReadOnly', 'ReadWrite'), { default: 'ref(AzureDataDiskCachingReadWrite)' }),
  fsType: ptr(4, str, { default: 'ext4' }),
  readOnly: ptr(5, bool, { default: false }),
  kind: ptr(6, oneOf('Shared', 'Dedicated', 'Managed'), { default: 'ref(AzureSharedBlobDisk)' }),
});
export type AzureDiskVolumeSource = Static<typeof AzureDiskVolumeSource>;

export const PhotonPersistentDiskVolumeSource = struct('PhotonPersistentDiskVolumeSource', {
  pdID: req(1, str),
  fsType: opt(2, str),
});
export type PhotonPersistentDiskVolumeSource = Static<typeof PhotonPersistentDiskVolumeSource>;

export const SecretProjection = struct('SecretProjection', {
  ...inline(1, LocalObjectReference),
  items: opt(2, list(KeyToPath), { listType: 'atomic' }),
  optional: ptr(4, bool),
});
export type SecretProjection = Static<typeof SecretProjection>;

export const DownwardAPIProjection = struct('DownwardAPIProjection', {
  items: opt(1, list(DownwardAPIVolumeFile), { listType: 'atomic' }),
});
export type DownwardAPIProjection = Static<typeof DownwardAPIProjection>;

export const ConfigMapProjection = struct('ConfigMapProjection', {
  ...inline(1, LocalObjectReference),
  items: opt(2, list(KeyToPath), { listType: 'atomic' }),
  optional: ptr(4, bool),
});
export type ConfigMapProjection = Static<typeof ConfigMapProjection>;

export const ServiceAccountTokenProjection = struct('ServiceAccountTokenProjection', {
  audience: opt(1, str),
  expirationSeconds: ptr(2, int64),
  path: req(3, str),
});
export type ServiceAccountTokenProjection = Static<typeof ServiceAccountTokenProjection>;

export const ClusterTrustBundleProjection = struct('ClusterTrustBundleProjection', {
  name: ptr(1, str),
  signerName: ptr(2, str),
  labelSelector: opt(3, LabelSelector),
  optional: ptr(5, bool),
  path: req(4, str),
});
export type ClusterTrustBundleProjection = Static<typeof ClusterTrustBundleProjection>;

export const PodCertificateProjection = struct('PodCertificateProjection', {
  signerName: req(1, str),
  keyType: req(2, str),
  maxExpirationSeconds: ptr(3, int32),
  credentialBundlePath: opt(4, str),
  keyPath: opt(5, str),
  certificateChainPath: opt(6, str),
  userAnnotations: opt(7, map(str)),
});
export type PodCertificateProjection = Static<typeof PodCertificateProjection>;

export const VolumeProjection = struct('VolumeProjection', {
  secret: opt(1, SecretProjection),
  downwardAPI: opt(2, DownwardAPIProjection),
  configMap: opt(3, ConfigMapProjection),
  serviceAccountToken: opt(4, ServiceAccountTokenProjection),
  clusterTrustBundle: opt(5, ClusterTrustBundleProjection),
  podCertificate: opt(6, PodCertificateProjection),
});
export type VolumeProjection = Static<typeof VolumeProjection>;

export const ProjectedVolumeSource = struct('ProjectedVolumeSource', {
  sources: opt(1, list(VolumeProjection), { listType: 'atomic' }),
  defaultMode: ptr(2, int32),
});
export type ProjectedVolumeSource = Static<typeof ProjectedVolumeSource>;

export const PortworxVolumeSource = struct('PortworxVolumeSource', {
  volumeID: req(1, str),
  fsType: opt(2, str),
  readOnly: opt(3, bool),
});
export type PortworxVolumeSource = Static<typeof PortworxVolumeSource>;

export const ScaleIOVolumeSource = struct('ScaleIOVolumeSource', {
  gateway: req(1, str),
  system: req(2, str),
  secretRef: req(3, LocalObjectReference),
  sslEnabled: opt(4, bool),
  protectionDomain: opt(5, str),
  storagePool: opt(6, str),
  storageMode: opt(7, str, { default: 'ThinProvisioned' }),
  volumeName: opt(8, str),
  fsType: opt(9, str, { default: 'xfs' }),
  readOnly: opt(10, bool),
});
export type ScaleIOVolumeSource = Static<typeof ScaleIOVolumeSource>;

export const StorageOSVolumeSource = struct('StorageOSVolumeSource', {
  volumeName: opt(1, str),
  volumeNamespace: opt(2, str),
  fsType: opt(3, str),
  readOnly: opt(4, bool),
  secretRef: opt(5, LocalObjectReference),
});
export type StorageOSVolumeSource = Static<typeof StorageOSVolumeSource>;

export const CSIVolumeSource = struct('CSIVolumeSource', {
  driver: req(1, str),
  readOnly: ptr(2, bool),
  fsType: ptr(3, str),
  volumeAttributes: opt(4, map(str)),
  nodePublishSecretRef: opt(5, LocalObjectReference),
});
export type CSIVolumeSource = Static<typeof CSIVolumeSource>;

export const VolumeResourceRequirements = struct('VolumeResourceRequirements', {
  limits: opt(1, map(quantity)),
  requests: opt(2, map(quantity)),
});
export type VolumeResourceRequirements = Static<typeof VolumeResourceRequirements>;

export const PersistentVolumeClaimSpec = struct('PersistentVolumeClaimSpec', {
  accessModes: opt(1, list(oneOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod')), {
    listType: 'atomic',
  }),
  selector: opt(4, LabelSelector),
  resources: req(2, VolumeResourceRequirements),
  volumeName: opt(3, str),
  storageClassName: ptr(5, str),
  volumeMode: ptr(6, oneOf('Block', 'Filesystem')),
  dataSource: opt(7, TypedLocalObjectReference),
  dataSourceRef: opt(8, TypedObjectReference),
  volumeAttributesClassName: ptr(9, str),
});
export type PersistentVolumeClaimSpec = Static<typeof PersistentVolumeClaimSpec>;

export const PersistentVolumeClaimTemplate = struct('PersistentVolumeClaimTemplate', {
  metadata: req(1, ObjectMeta),
  spec: req(2, PersistentVolumeClaimSpec),
});
export type PersistentVolumeClaimTemplate = Static<typeof PersistentVolumeClaimTemplate>;

export const EphemeralVolumeSource = struct('EphemeralVolumeSource', {
  volumeClaimTemplate: opt(1, PersistentVolumeClaimTemplate),
});
export type EphemeralVolumeSource = Static<typeof EphemeralVolumeSource>;

export const ImageVolumeSource = struct('ImageVolumeSource', {
  reference: opt(1, str),
  pullPolicy: opt(2, oneOf('Always', 'Never', 'IfNotPresent')),
});
export type ImageVolumeSource = Static<typeof ImageVolumeSource>;

export const VolumeSource = struct('VolumeSource', {
  hostPath: opt(1, HostPathVolumeSource),
  emptyDir: opt(2, EmptyDirVolumeSource),
  gcePersistentDisk: opt(3, GCEPersistentDiskVolumeSource),
  awsElasticBlockStore: opt(4, AWSElasticBlockStoreVolumeSource),
  gitRepo: opt(5, GitRepoVolumeSource),
  secret: opt(6, SecretVolumeSource),
  nfs: opt(7, NFSVolumeSource),
  iscsi: opt(8, ISCSIVolumeSource),
  glusterfs: opt(9, GlusterfsVolumeSource),
  persistentVolumeClaim: opt(10, PersistentVolumeClaimVolumeSource),
  rbd: opt(11, RBDVolumeSource),
  flexVolume: opt(12, FlexVolumeSource),
  cinder: opt(13, CinderVolumeSource),
  cephfs: opt(14, CephFSVolumeSource),
  flocker: opt(15, FlockerVolumeSource),
  downwardAPI: opt(16, DownwardAPIVolumeSource),
  fc: opt(17, FCVolumeSource),
  azureFile: opt(18, AzureFileVolumeSource),
  configMap: opt(19, ConfigMapVolumeSource),
  vsphereVolume: opt(20, VsphereVirtualDiskVolumeSource),
  quobyte: opt(21, QuobyteVolumeSource),
  azureDisk: opt(22, AzureDiskVolumeSource),
  photonPersistentDisk: opt(23, PhotonPersistentDiskVolumeSource),
  projected: opt(26, ProjectedVolumeSource),
  portworxVolume: opt(24, PortworxVolumeSource),
  scaleIO: opt(25, ScaleIOVolumeSource),
  storageos: opt(27, StorageOSVolumeSource),
  csi: opt(28, CSIVolumeSource),
  ephemeral: opt(29, EphemeralVolumeSource),
  image: opt(30, ImageVolumeSource),
});
export type VolumeSource = Static<typeof VolumeSource>;

export const Volume = struct('Volume', {
  name: req(1, str),
  ...inline(2, VolumeSource),
});
export type Volume = Static<typeof Volume>;
