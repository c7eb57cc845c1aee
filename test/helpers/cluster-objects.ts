/** Puts objects into a running API server in the state that a test starts from, as their real owners would. */
import { Node, Pod, ReplicationController } from '../../src/core/api/kinds/index.ts';
import type { Draft, Stored } from '../../src/core/api/object.ts';
import { timestamp } from '../../src/core/api/time.ts';
import type { ControlPlane } from './control-plane.ts';

type Readiness = 'True' | 'False' | 'Unknown';
const status = { subresource: 'status' as const };

function readyCondition({ clock }: ControlPlane, ready: Readiness) {
  const now = timestamp(clock.now());
  return { type: 'Ready', status: ready, lastHeartbeatTime: now, lastTransitionTime: now };
}

/** A node whose kubelet has just reported; '' is one that never has. */
export async function addNode(plane: ControlPlane, name: string, { cpu = '4', ready = 'True' as Readiness | '' } = {}) {
  await plane.client.create(Node, { metadata: { name } });
  const capacity = { cpu, memory: '8Gi', pods: '110' };
  const conditions = ready ? [readyCondition(plane, ready)] : [];
  await plane.client.patch(Node, '', name, { status: { capacity, allocatable: capacity, conditions } }, status);
}

export async function heartbeat(plane: ControlPlane, name: string, ready: Readiness = 'True'): Promise<void> {
  await plane.client.patch(Node, '', name, { status: { conditions: [readyCondition(plane, ready)] } }, status);
}

export function addPod(
  { client }: ControlPlane,
  name: string,
  spec: Draft<Pod['spec']> = {},
  metadata: Draft<Pod['metadata']> = {},
) {
  const containers = [{ name: 'main', image: 'test' }];
  return client.create(Pod, { metadata: { name, namespace: 'default', ...metadata }, spec: { containers, ...spec } });
}

/** What a kubelet does once the containers run. */
export async function makeReady(
  { client, clock }: ControlPlane,
  { metadata }: Stored<Pod>,
  podIP: string,
): Promise<void> {
  const now = timestamp(clock.now());
  const conditions = [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: now }];
  await client.patch(
    Pod,
    metadata.namespace,
    metadata.name,
    { status: { phase: 'Running', podIP, conditions } },
    status,
  );
}

export function addController(
  { client }: ControlPlane,
  name: string,
  replicas: number,
  spec: Draft<ReplicationController['spec']> = {},
) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'test' }] } };
  return client.create(ReplicationController, {
    metadata: { name, namespace: 'default' },
    spec: { replicas, selector: labels, template, ...spec },
  });
}

/** Pods that are neither finished nor going, by name. */
export async function activePods({ client }: ControlPlane, app: string): Promise<Stored<Pod>[]> {
  const { items } = await client.list(Pod, 'default', { labelSelector: `app=${app}` });
  const active = items.filter(({ metadata, status }) => !metadata.deletionTimestamp && status.phase !== 'Failed');
  return active.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
