/** Asks the kubelet of a node whether it is well, as controllers of 0.9 to 0.14 did: GET /healthz answers `ok`. */
import { get } from 'node:http';
import type { Node } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';

export interface Health {
  ok: boolean;
  /** What it answered, or why nothing came. */
  message: string;
}

/** The port of kubelets whose node does not name one (0.17's --port). */
const usualPort = 10250;
const timeoutMs = 5_000;
/** Of an answer; more is not a kubelet's. */
const longest = 100;

/** Resolves in any case. The node's name is its address when it has no other. */
export async function probeKubelet({ metadata, status }: Stored<Node>): Promise<Health> {
  const address = status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? metadata.name;
  const port = status.daemonEndpoints.kubeletEndpoint?.Port || usualPort;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/healthz`;
  try {
    const { code, body } = await fetchShort(url);
    if (code === 200 && body.trim() === 'ok') return { ok: true, message: `${url} answers ok` };
    return { ok: false, message: `${url} answers ${code}, not a kubelet's ok` };
  } catch (error) {
    return { ok: false, message: `${url}: ${(error as Error).message}` };
  }
}

function fetchShort(url: string): Promise<{ code: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > longest) response.destroy();
      });
      response.on('close', () => resolve({ code: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
