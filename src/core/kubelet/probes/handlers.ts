/** What probes and hooks do: call a path, open a port, run a command. */
import type { Container, HTTPGetAction, LifecycleHandler, ProbeHandler } from '../../api/types/container.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Reach } from './reach.ts';

export interface HandlerTarget {
  containerID: string;
  container: Container;
  podIP: string;
}

export interface HandlerDeps {
  runtime: Runtime;
  reach: Reach;
}

/** Resolves when it succeeded, with what the command printed; rejects with what went wrong. */
export async function handle(
  { runtime, reach }: HandlerDeps,
  handler: ProbeHandler & LifecycleHandler,
  { containerID, container, podIP, timeoutMs }: HandlerTarget & { timeoutMs: number },
): Promise<string> {
  if (handler.exec) {
    const { exitCode, output } = await runtime.exec(containerID, handler.exec.command ?? [], timeoutMs);
    // Programs written for Kubernetes 0.7 to 0.17 print `ok`; since then the exit code tells.
    if (exitCode === 0 || /^ok/i.test(output)) return output;
    throw new Error(output.trim() || `the command ended with exit code ${exitCode}`);
  }
  if (handler.httpGet) {
    const url = urlOf(handler.httpGet, container, podIP);
    const status = await reach.http({ url, headers: handler.httpGet.httpHeaders ?? [], timeoutMs });
    if (status >= 200 && status < 400) return '';
    throw new Error(`HTTP probe failed with statuscode: ${status}`);
  }
  if (handler.tcpSocket) {
    const { host, port } = handler.tcpSocket;
    await reach.tcp(host || podIP, portOf(port, container), timeoutMs);
    return '';
  }
  if (handler.grpc) {
    const { port, service = '' } = handler.grpc;
    await reach.grpc({ host: podIP, port, service, timeoutMs });
    return '';
  }
  throw new Error(`this kubelet does not know the handler (${Object.keys(handler).join(', ')})`);
}

function urlOf(
  { scheme = 'HTTP', host, port, path = '/' }: HTTPGetAction,
  container: Container,
  podIP: string,
): string {
  const slash = path.startsWith('/') ? '' : '/';
  return `${scheme.toLowerCase()}://${host || podIP}:${portOf(port, container)}${slash}${path}`;
}

function portOf(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  if (/^\d+$/.test(port)) return Number(port);
  const named = container.ports?.find((p) => p.name === port);
  if (!named) throw new Error(`container ${container.name} has no port named ${port}`);
  return named.containerPort;
}
