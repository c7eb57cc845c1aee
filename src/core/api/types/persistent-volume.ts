/** Persistent volumes: a piece of storage of the cluster; its sources are those of pods, or look like them. */
import {
  bool,
  inline,
  int32,
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
import { NodeSelector } from './pod.ts';
import { ObjectReference, SecretReference } from './reference.ts';
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume.ts';

export const GlusterfsPersistentVolumeSource = struct('GlusterfsPersistentVolumeSource', {
  endpoints: req(1, str),
  path: req(2, str),
  readOnly: opt(3, bool),
  endpointsNamespace: ptr(4, str),
});
export type GlusterfsPersistentVolumeSource = Static<typeof GlusterfsPersistentVolumeSource>;

export const RBDPersistentVolumeSource = struct('RBDPersistentVolumeSource', {
  monitors: req(1, list(str), { listType: 'atomic' }),
  image: req(2, str),
  fsType: opt(3, str),
  pool: opt(4, str, { default: 'rbd' }),
  user: opt(5, str, { default: 'admin' }),
  keyring: opt(6, str, { default: '/etc/ceph/keyring' }),
  secretRef: opt(7, SecretReference),
  readOnly: opt(8, bool),
});
export type RBDPersistentVolumeSource = Static<typeof RBDPersistentVolumeSource>;

export const ISCSIPersistentVolumeSource = struct('ISCSIPersistentVolumeSource', {
  targetPortal: req(1, str),
  iqn: req(2, str),
  lun: req(3, int32),
  iscsiInterface: opt(4, str, { default: 'default' }),
  fsType: opt(5, str),
  readOnly: opt(6, bool),
  portals: opt(7, list(str), { listType: 'atomic' }),
  chapAuthDiscovery: opt(8, bool),
  chapAuthSession: opt(11, bool),
  secretRef: opt(10, SecretReference),
  initiatorName: ptr(12, str),
});
export type ISCSIPersistentVolumeSource = Static<typeof ISCSIPersistentVolumeSource>;

export const CinderPersistentVolumeSource = struct('CinderPersistentVolumeSource', {
  volumeID: req(1, str),
  fsType: opt(2, str),
  readOnly: opt(3, bool),
  secretRef: opt(4, SecretReference),
});
export type CinderPersistentVolumeSource = Static<typeof CinderPersistentVolumeSource>;

export const CephFSPersistentVolumeSource = struct('CephFSPersistentVolumeSource', {
  monitors: req(1, list(str), { listType: 'atomic' }),
  path: opt(2, str),
  user: opt(3, str),
  secretFile: opt(4, str),
  secretRef: opt(5, SecretReference),
  readOnly: opt(6, bool),
});
export type CephFSPersistentVolumeSource = Static<typeof CephFSPersistentVolumeSource>;

export const FlexPersistentVolumeSource = struct('FlexPersistentVolumeSource', {
  driver: req(1, str),
  fsType: opt(2, str),
  secretRef: opt(3, SecretReference),
  readOnly: opt(4, bool),
  options: opt(5, map(str)),
});
export type FlexPersistentVolumeSource = Static<typeof FlexPersistentVolumeSource>;

export const AzureFilePersistentVolumeSource = struct('AzureFilePersistentVolumeSource', {
  secretName: req(1, str),
  shareName: req(2, str),
  readOnly: opt(3, bool),
  secretNamespace: ptr(4, str),
});
export type AzureFilePersistentVolumeSource = Static<typeof AzureFilePersistentVolumeSource>;

export const ScaleIOPersistentVolumeSource = struct('ScaleIOPersistentVolumeSource', {
  gateway: req(1, str),
  system: req(2, str),
  secretRef: req(3, SecretReference),
  sslEnabled: opt(4, bool),
  protectionDomain: opt(5, str),
  storagePool: opt(6, str),
  storageMode: opt(7, str, { default: 'ThinProvisioned' }),
  volumeName: opt(8, str),
  fsType: opt(9, str, { default: 'xfs' }),
  readOnly: opt(10, bool),
});
export type ScaleIOPersistentVolumeSource = Static<typeof ScaleIOPersistentVolumeSource>;

export const LocalVolumeSource = struct('LocalVolumeSource', {
  path: req(1, str),
  fsType: ptr(2, str),
});
export type LocalVolumeSource = Static<typeof LocalVolumeSource>;

export const StorageOSPersistentVolumeSource = struct('StorageOSPersistentVolumeSource', {
  volumeName: opt(1, str),
  volumeNamespace: opt(2, str),
  fsType: opt(3, str),
  readOnly: opt(4, bool),
  secretRef: opt(5, ObjectReference),
});
export type StorageOSPersistentVolumeSource = Static<typeof StorageOSPersistentVolumeSource>;

export const CSIPersistentVolumeSource = struct('CSIPersistentVolumeSource', {
  driver: req(1, str),
  volumeHandle: req(2, str),
  readOnly: opt(3, bool),
  fsType: opt(4, str),
  volumeAttributes: opt(5, map(str)),
  controllerPublishSecretRef: opt(6, SecretReference),
  nodeStageSecretRef: opt(7, SecretReference),
  nodePublishSecretRef: opt(8, SecretReference),
  controllerExpandSecretRef: opt(9, SecretReference),
  nodeExpandSecretRef: opt(10, SecretReference),
});
export type CSIPersistentVolumeSource = Static<typeof CSIPersistentVolumeSource>;

export const PersistentVolumeSource = struct('PersistentVolumeSource', {
  gcePersistentDisk: opt(1, GCEPersistentDiskVolumeSource),
  awsElasticBlockStore: opt(2, AWSElasticBlockStoreVolumeSource),
  hostPath: opt(3, HostPathVolumeSource),
  glusterfs: opt(4, GlusterfsPersistentVolumeSource),
  nfs: opt(5, NFSVolumeSource),
  rbd: opt(6, RBDPersistentVolumeSource),
  iscsi: opt(7, ISCSIPersistentVolumeSource),
  cinder: opt(8, CinderPersistentVolumeSource),
  cephfs: opt(9, CephFSPersistentVolumeSource),
  fc: opt(10, FCVolumeSource),
  flocker: opt(11, FlockerVolumeSource),
  flexVolume: opt(12, FlexPersistentVolumeSource),
  azureFile: opt(13, AzureFilePersistentVolumeSource),
  vsphereVolume: opt(14, VsphereVirtualDiskVolumeSource),
  quobyte: opt(15, QuobyteVolumeSource),
  azureDisk: opt(16, AzureDiskVolumeSource),
  photonPersistentDisk: opt(17, PhotonPersistentDiskVolumeSource),
  portworxVolume: opt(18, PortworxVolumeSource),
  scaleIO: opt(19, ScaleIOPersistentVolumeSource),
  local: opt(20, LocalVolumeSource),
  storageos: opt(21, StorageOSPersistentVolumeSource),
  csi: opt(22, CSIPersistentVolumeSource),
});
export type PersistentVolumeSource = Static<typeof PersistentVolumeSource>;

export const VolumeNodeAffinity = struct('VolumeNodeAffinity', {
  required: opt(1, NodeSelector),
});
export type VolumeNodeAffinity = Static<typeof VolumeNodeAffinity>;

export const PersistentVolumeSpec = struct('PersistentVolumeSpec', {
  capacity: opt(1, map(quantity)),
  ...inline(2, PersistentVolumeSource),
  accessModes: opt(3, list(oneOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod')), {
    listType: 'atomic',
  }),
  claimRef: opt(4, ObjectReference, { structType: 'granular' }),
  persistentVolumeReclaimPolicy: opt(5, oneOf('Recycle', 'Delete', 'Retain')),
  storageClassName: opt(6, str),
  mountOptions: opt(7, list(str), { listType: 'atomic' }),
  volumeMode: ptr(8, oneOf('Block', 'Filesystem')),
  nodeAffinity: opt(9, VolumeNodeAffinity),
  volumeAttributesClassName: ptr(10, str),
});
export type PersistentVolumeSpec = Static<typeof PersistentVolumeSpec>;

export const PersistentVolumeStatus = struct('PersistentVolumeStatus', {
  phase: opt(1, oneOf('Pending', 'Available', 'Bound', 'Released', 'Failed')),
  message: opt(2, str),
  reason: opt(3, str),
  lastPhaseTransitionTime: ptr(4, time),
});
export type PersistentVolumeStatus = Static<typeof PersistentVolumeStatus>;

export const PersistentVolume = struct('PersistentVolume', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, PersistentVolumeSpec),
  status: req(3, PersistentVolumeStatus),
});
export type PersistentVolume = Static<typeof PersistentVolume>;
