import type { Pod } from '../../api/kinds/index.ts';
import type { ApiRequest } from '../../api/request.ts';
import { badRequest } from '../../api/status.ts';
import { checkLogOptions } from '../../api/validation/log-options.ts';
import type { Context } from '../context.ts';
import { remoteKubelet } from '../relays/kubelet.ts';
import { entryOf } from './get.ts';

type Output = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** GET pods/NAME/log: what the kubelet of the pod's node has. Undefined while it has no node, and so has said nothing. */
export function log(context: Context, request: ApiRequest): Output | undefined {
  const pod = entryOf(context, request).object as unknown as Pod;
  const { name = '', namespace = '' } = pod.metadata;
  const options = request.options?.log ?? {};
  checkLogOptions(name, options);
  const container = containerOf(pod, options.container);
  const { nodeName } = pod.spec;
  if (!nodeName) return undefined;
  const node = context.nodeConnection(nodeName) ?? remoteKubelet(context, nodeName);
  return (signal) => node.logs(namespace, name, { ...options, container }, signal);
}

function containerOf({ metadata, spec }: Pod, asked: string | undefined): string {
  const names = spec.containers.map(({ name }) => name ?? '');
  const initial = (spec.initContainers ?? []).map(({ name }) => name ?? '');
  if (asked) {
    if (names.includes(asked) || initial.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
  }
  const [only, ...more] = names;
  const preferred = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (preferred && names.includes(preferred)) return preferred;
  if (only !== undefined && more.length === 0 && initial.length === 0) return only;
  const others = initial.length ? ` or one of the init containers: [${initial.join(' ')}]` : '';
  throw badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]${others}`,
  );
}
