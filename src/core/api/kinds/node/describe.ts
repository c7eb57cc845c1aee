/** `describe` of a node, in the order of kubectl. */
import { Description, describeTime, sorted } from '../../describe.ts';
import { eventsAbout } from '../../describe-events.ts';
import { age } from '../../duration.ts';
import type { Related, RelatedQuery } from '../../kind.ts';
import type { Stored } from '../../object.ts';
import { canonicalQuantity, milliValue, value } from '../../quantity.ts';
import type { Node } from '../../types/node.ts';
import type { Pod } from '../../types/pod.ts';
import { nodeRoles } from './row.ts';

export function relatedToNode(node: Stored<Node>): Record<string, RelatedQuery> {
  const running = `spec.nodeName=${node.metadata.name},status.phase!=Succeeded,status.phase!=Failed`;
  return {
    pods: { plural: 'pods', allNamespaces: true, fieldSelector: running },
    events: eventsAbout('Node', node),
  };
}

export function describeNode(node: Stored<Node>, related: Related, now: number): string {
  const { metadata, spec, status } = node;
  const text = new Description();
  text.head(node).line(0, 'Roles:', nodeRoles(node).join(',') || '<none>');
  text.labels(0, metadata.labels).annotations(0, metadata.annotations);
  text.line(0, 'CreationTimestamp:', describeTime(metadata.creationTimestamp));
  text.values(
    0,
    'Taints',
    (spec.taints ?? []).map((t) => `${t.key}${t.value ? `=${t.value}` : ''}:${t.effect}`),
  );
  text.line(0, 'Unschedulable:', `${spec.unschedulable ?? false}`);
  if (status.phase) text.line(0, 'Phase:', status.phase);
  describeConditions(text, node);
  text.line(0, 'Addresses:');
  for (const { type, address } of status.addresses ?? []) text.line(1, `${type}:`, address);
  describeAmounts(text, 'Capacity', status.capacity);
  describeAmounts(text, 'Allocatable', status.allocatable);
  describeSystem(text, node);
  if (spec.podCIDR) text.line(0, 'PodCIDR:', spec.podCIDR);
  if (spec.podCIDRs) text.line(0, 'PodCIDRs:', spec.podCIDRs.join(','));
  if (spec.providerID) text.line(0, 'ProviderID:', spec.providerID);
  describePods(text, node, (related['pods'] ?? []) as readonly Stored<Pod>[], now);
  return text.toString();
}

function describeConditions(text: Description, { status }: Stored<Node>): void {
  const { conditions = [] } = status;
  if (!conditions.length) return;
  text.line(0, 'Conditions:');
  text.line(1, 'Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message');
  text.line(1, '----', '------', '-----------------', '------------------', '------', '-------');
  for (const { type, status: is, lastHeartbeatTime, lastTransitionTime, reason = '', message = '' } of conditions) {
    text.line(1, type, is, describeTime(lastHeartbeatTime), describeTime(lastTransitionTime), reason, message);
  }
}

function describeAmounts(text: Description, key: string, amounts: Record<string, string> | undefined): void {
  if (!amounts) return;
  text.line(0, `${key}:`);
  for (const [name, amount] of sorted(amounts)) text.line(1, `${name}:`, amount);
}

function describeSystem(text: Description, { status: { nodeInfo: info } }: Stored<Node>): void {
  text.line(0, 'System Info:');
  const lines: [string, string][] = [
    ['Machine ID', info.machineID],
    ['System UUID', info.systemUUID],
    ['Boot ID', info.bootID],
    ['Kernel Version', info.kernelVersion],
    ['OS Image', info.osImage],
    ['Operating System', info.operatingSystem],
    ['Architecture', info.architecture],
    ['Container Runtime Version', info.containerRuntimeVersion],
    ['Kubelet Version', info.kubeletVersion],
  ];
  for (const [key, info] of lines) text.line(1, `${key}:`, info);
}

const usages: { title: string; name: Resource; side: 'requests' | 'limits' }[] = [
  { title: 'CPU Requests', name: 'cpu', side: 'requests' },
  { title: 'CPU Limits', name: 'cpu', side: 'limits' },
  { title: 'Memory Requests', name: 'memory', side: 'requests' },
  { title: 'Memory Limits', name: 'memory', side: 'limits' },
];
type Resource = 'cpu' | 'memory';

/** The pods on the node with what they ask for, and the sums against what the node has. */
function describePods(text: Description, node: Stored<Node>, pods: readonly Stored<Pod>[], now: number): void {
  const titles = usages.map(({ title }) => title);
  text.line(0, 'Non-terminated Pods:', `(${pods.length} in total)`);
  text.line(1, 'Namespace', 'Name', ...titles, 'Age');
  text.line(1, '---------', '----', ...titles.map((title) => '-'.repeat(title.length)), '---');
  const totals = usages.map(() => 0);
  for (const pod of pods) {
    const { namespace, name, creationTimestamp } = pod.metadata;
    const cells = usages.map((usage, i) => {
      const amount = sumOf(pod, usage.name, usage.side);
      totals[i]! += amount;
      return shareText(amount, usage.name, node);
    });
    text.line(1, namespace, name, ...cells, age(creationTimestamp, now));
  }
  const [cpuRequests, cpuLimits, memoryRequests, memoryLimits] = totals.map((t, i) =>
    shareText(t, usages[i]!.name, node),
  );
  text.line(0, 'Allocated resources:');
  text.line(1, '(Total limits may be over 100 percent, i.e., overcommitted.)');
  text.line(1, 'Resource', 'Requests', 'Limits').line(1, '--------', '--------', '------');
  text.line(1, 'cpu', cpuRequests!, cpuLimits!).line(1, 'memory', memoryRequests!, memoryLimits!);
}

/** Thousandths of a cpu, or bytes, of all containers together. */
function sumOf(pod: Stored<Pod>, name: Resource, side: 'requests' | 'limits'): number {
  const amounts = pod.spec.containers.map((container) => container.resources[side]?.[name] ?? '0');
  return amounts.reduce((sum, amount) => sum + countOf(name, amount), 0);
}

const countOf = (name: Resource, amount: string) => (name === 'cpu' ? milliValue(amount) : value(amount));

/** `250m (12%)` of what pods may use of the node. */
function shareText(count: number, name: Resource, { status }: Stored<Node>): string {
  const whole = countOf(name, status.allocatable?.[name] ?? '0');
  const percent = whole > 0 ? Math.trunc((count / whole) * 100) : 0;
  const amount = canonicalQuantity(name === 'cpu' ? `${count}m` : wholeKi(count));
  return `${amount} (${percent}%)`;
}

/** Bytes as Ki, Mi … where they are whole ones. */
const wholeKi = (bytes: number) => (bytes % 1024 === 0 ? `${bytes / 1024}Ki` : `${bytes}`);
