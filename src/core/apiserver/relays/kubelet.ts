/** The kubelet of a node that runs in another process: its server, as the Node object tells. */
import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { Node } from '../../api/kinds/index.ts';
import { ApiError, codes, isNotFound, type Reason } from '../../api/status.ts';
import { logParameters, writeParameters } from '../../client/paths.ts';
import type { Context, NodeConnection } from '../context.ts';
import { entryOf } from '../verbs/get.ts';
import { type Backend, callBackend } from './backend.ts';

/** What kubelets listen on that do not say. */
const usualPort = 10250;

/**
 * Where its kubelet listens. Those of machines that share a host name it, and listen on its loopback address; others
 * listen at their own, with certificates where this server has one.
 */
export function kubeletOf({ kubeletIdentity: identity }: Context, node: Node): Backend {
  const { addresses = [], daemonEndpoints } = node.status;
  const named = addresses.find(({ type }) => type === 'InternalDNS')?.address;
  const host = named === hostname() ? '127.0.0.1' : (named ?? nodeAddress(node));
  const port = daemonEndpoints.kubeletEndpoint.Port || usualPort;
  return named === undefined && identity ? { scheme: 'https', host, port, identity } : { scheme: 'http', host, port };
}

export function nodeAddress({ metadata: { name = '' }, status }: Node): string {
  const { addresses = [] } = status;
  for (const type of ['InternalIP', 'LegacyHostIP', 'ExternalIP']) {
    const found = addresses.find((address) => address.type === type);
    if (found) return found.address;
  }
  return name;
}

/** Throws ServiceUnavailable when there is no such node. */
export function remoteKubelet(context: Context, nodeName: string): NodeConnection {
  const away = (error?: Error) => {
    const why = error ? `: ${error.message}` : '';
    return new ApiError('ServiceUnavailable', `the kubelet of node ${nodeName} cannot be reached${why}`);
  };
  const kubelet = kubeletOf(context, nodeNamed(context, nodeName, away));
  return {
    async *logs(namespace, pod, { container = '', ...options }, signal) {
      const query = new URLSearchParams();
      writeParameters(query, options, logParameters);
      const path = `/containerLogs/${[namespace, pod, container].map(encodeURIComponent).join('/')}?${query}`;
      const request = callBackend(kubelet, { method: 'GET', path, headers: {} }, context.clock);
      const stop = () => request.destroy();
      signal.addEventListener('abort', stop);
      try {
        if (signal.aborted) return;
        const answer = await new Promise<IncomingMessage>((resolve, reject) => {
          request.on('response', resolve);
          request.on('error', (error) => reject(away(error)));
          request.end();
        });
        if (answer.statusCode !== 200) throw await errorOf(answer);
        yield* answer as AsyncIterable<Uint8Array>;
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
      }
    },
  };
}

function nodeNamed(context: Context, name: string, away: () => ApiError): Node {
  try {
    return entryOf(context, { verb: 'get', kind: Node, name }).object as unknown as Node;
  } catch (error) {
    throw isNotFound(error) ? away() : error;
  }
}

const errorLengthMax = 1000;

/** Kubelets answer errors in plain words. */
async function errorOf(answer: IncomingMessage): Promise<ApiError> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk;
    if (text.length >= errorLengthMax) break;
  }
  const code = answer.statusCode ?? 500;
  const reason = (Object.keys(codes) as Reason[]).find((known) => codes[known] === code) ?? 'InternalError';
  return new ApiError(reason, text.slice(0, errorLengthMax), undefined, code);
}
