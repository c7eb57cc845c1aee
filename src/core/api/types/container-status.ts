/** What a kubelet reports of one container. */
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
import { ResourceRequirements } from './container.ts';

export const ContainerStateWaiting = struct('ContainerStateWaiting', {
  reason: opt(1, str),
  message: opt(2, str),
});
export type ContainerStateWaiting = Static<typeof ContainerStateWaiting>;

export const ContainerStateRunning = struct('ContainerStateRunning', {
  startedAt: req(1, time),
});
export type ContainerStateRunning = Static<typeof ContainerStateRunning>;

export const ContainerStateTerminated = struct('ContainerStateTerminated', {
  exitCode: req(1, int32),
  signal: opt(2, int32),
  reason: opt(3, str),
  message: opt(4, str),
  startedAt: req(5, time),
  finishedAt: req(6, time),
  containerID: opt(7, str),
});
export type ContainerStateTerminated = Static<typeof ContainerStateTerminated>;

export const ContainerState = struct('ContainerState', {
  waiting: opt(1, ContainerStateWaiting),
  running: opt(2, ContainerStateRunning),
  terminated: opt(3, ContainerStateTerminated),
});
export type ContainerState = Static<typeof ContainerState>;

export const ImageVolumeStatus = struct('ImageVolumeStatus', {
  imageRef: req(1, str),
});
export type ImageVolumeStatus = Static<typeof ImageVolumeStatus>;

export const VolumeStatus = struct('VolumeStatus', {
  image: opt(1, ImageVolumeStatus),
});
export type VolumeStatus = Static<typeof VolumeStatus>;

export const VolumeMountStatus = struct('VolumeMountStatus', {
  name: req(1, str),
  mountPath: req(2, str),
  readOnly: opt(3, bool),
  recursiveReadOnly: ptr(4, oneOf('Disabled', 'IfPossible', 'Enabled')),
  volumeStatus: opt(5, VolumeStatus),
});
export type VolumeMountStatus = Static<typeof VolumeMountStatus>;

export const LinuxContainerUser = struct('LinuxContainerUser', {
  uid: req(1, int64),
  gid: req(2, int64),
  supplementalGroups: opt(3, list(int64), { listType: 'atomic' }),
});
export type LinuxContainerUser = Static<typeof LinuxContainerUser>;

export const ContainerUser = struct('ContainerUser', {
  linux: opt(1, LinuxContainerUser),
});
export type ContainerUser = Static<typeof ContainerUser>;

export const ResourceHealth = struct('ResourceHealth', {
  resourceID: req(1, str),
  health: opt(2, oneOf('Healthy', 'Unhealthy', 'Unknown')),
  message: ptr(6, str),
});
export type ResourceHealth = Static<typeof ResourceHealth>;

export const ResourceStatus = struct('ResourceStatus', {
  name: req(1, str),
  resources: opt(2, list(ResourceHealth), { listType: 'map', listMapKeys: ['resourceID'] }),
});
export type ResourceStatus = Static<typeof ResourceStatus>;

export const ContainerStatus = struct('ContainerStatus', {
  name: req(1, str),
  state: req(2, ContainerState),
  lastState: req(3, ContainerState),
  ready: req(4, bool),
  restartCount: req(5, int32),
  image: req(6, str),
  imageID: req(7, str),
  containerID: opt(8, str),
  started: ptr(9, bool),
  allocatedResources: opt(10, map(quantity)),
  resources: opt(11, ResourceRequirements),
  volumeMounts: opt(12, list(VolumeMountStatus), {
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
    listType: 'map',
    listMapKeys: ['mountPath'],
  }),
  user: opt(13, ContainerUser),
  allocatedResourcesStatus: opt(14, list(ResourceStatus), {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  stopSignal: ptr(15, str),
});
export type ContainerStatus = Static<typeof ContainerStatus>;
