/** The requests that make pods and report about them. */
import { request } from './load.ts';

export const podsPath = '/api/v1/namespaces/default/pods';

/** Names that sort as they are numbered. */
export const podName = (set: string, n: number): string => `${set}-${String(n).padStart(6, '0')}`;

/** One in a hundred has the label `slot=42`, and so on. */
function pod(set: string, n: number): object {
  const container = { name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }] };
  const labels = { app: 'web', set, slot: String(n % 100) };
  return { metadata: { name: podName(set, n), labels }, spec: { containers: [container] } };
}

/** About 3.5 KB as it is stored, most of it in variables as in real pods. */
function largePod(set: string, n: number): object {
  const env = Array.from({ length: 20 }, (_, i) => ({ name: `SETTING_${i}`, value: `${podName(set, n)} `.repeat(6) }));
  const container = { name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }], env };
  return { metadata: { name: podName(set, n), labels: { set } }, spec: { containers: [container] } };
}

type Requests = () => Buffer | undefined;

function creates(make: (set: string, n: number) => object, set: string, count: number): Requests {
  let n = 0;
  return () => (n === count ? undefined : request('POST', podsPath, JSON.stringify(make(set, n++))));
}

export const createPods = (set: string, count: number): Requests => creates(pod, set, count);
export const createLargePods = (set: string, count: number): Requests => creates(largePod, set, count);

let reports = 0;

/** What a kubelet reports, one pod after the other; each report differs from the one before. */
export function reportPods(set: string, pods: number, count: number): Requests {
  let n = 0;
  return () => {
    if (n === count) return undefined;
    const time = new Date(1_700_000_000_000 + 1000 * reports++).toISOString().replace('.000', '');
    const status = {
      phase: 'Running',
      podIP: '10.244.1.2',
      conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: time }],
    };
    return request('PATCH', `${podsPath}/${podName(set, n++ % pods)}/status`, JSON.stringify({ status }), {
      'Content-Type': 'application/strategic-merge-patch+json',
    });
  };
}
