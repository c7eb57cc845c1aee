/** Finds the engine, opens dockerode on it, and turns its errors into ours. */
import { Agent } from 'node:http';
import type Docker from 'dockerode';
import { RuntimeGoneError } from '../runtime.ts';

export type { Docker };

/** No engine answers where it was looked for. */
export class NoEngineError extends Error {
  override readonly name = 'NoEngineError';
  readonly socket: string;
  constructor(socket: string, reason: string) {
    super(
      `no Docker engine answers at ${socket}: ${reason}\n` +
        'Install Docker and start it (on Debian: apt-get install docker.io), or run without it: --runtime hollow',
    );
    this.socket = socket;
  }
}

/** The engine answered, with a refusal. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const firstAnswerMs = 10_000;

/** Opens the socket that was named, else DOCKER_HOST, else Docker's own place. */
export async function openDocker(socket?: string): Promise<{ docker: Docker; version: string }> {
  const address = socket ?? (process.env['DOCKER_HOST'] || 'unix:///var/run/docker.sock');
  // Loaded here because it costs 100 ms, which a client verb never has to pay.
  const { default: Dockerode } = await import('dockerode');
  const options = socket === undefined && !isPath(address) ? {} : socketOptions(address);
  try {
    const { Version, ApiVersion } = await new Dockerode({ ...options, timeout: firstAnswerMs }).version();
    // Without a pinned version an engine answers in its newest one, and a newer one than it knows is refused (400).
    return { docker: new Dockerode({ ...options, version: `v${ApiVersion}` }), version: Version };
  } catch (error) {
    throw new NoEngineError(address, reasonOf(error));
  }
}

/** Other forms of DOCKER_HOST dockerode understands by itself, with DOCKER_CERT_PATH and its companions. */
function isPath(address: string): boolean {
  return address.startsWith('unix://') || address.startsWith('/');
}

function socketOptions(address: string): Docker.DockerOptions {
  const socketPath = address.replace(/^unix:\/\//, '');
  // A connection for each call: one that was kept open across a restart of the engine would fail its next call.
  // The types lack `agent`; an empty host keeps dockerode from preferring DOCKER_HOST to the path.
  return { host: '', socketPath, agent: new Agent({ keepAlive: false }) } as Docker.DockerOptions;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such socket';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ECONNRESET') return `it took the connection and said nothing for ${firstAnswerMs / 1000} s`;
  if (code === 'EACCES') return 'permission denied (is this user in the group docker?)';
  return message;
}

const lostConnection = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EACCES', 'ETIMEDOUT', 'ENOTFOUND']);

/** Waits for an answer of dockerode; a refusal becomes an EngineError in the engine's words. */
export async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw translated(error);
  }
}

export function translated(error: unknown): unknown {
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message: string };
  if (statusCode !== undefined) {
    // dockerode writes «(HTTP code 404) no such container - No such container: x ».
    const words = /^\(HTTP code \d+\) .*? - (.*)$/s.exec(message)?.[1]?.trim() ?? message;
    return new EngineError(statusCode, words.replace(/^Error response from daemon: /, ''));
  }
  if (code !== undefined && lostConnection.has(code)) {
    return new RuntimeGoneError(`the Docker engine does not answer: ${message}`);
  }
  return error;
}

const callsAtOnce = 16;

/** Does something with each item, a bounded number of them at a time; answers in order. */
export async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += callsAtOnce) {
    results.push(...(await Promise.all(items.slice(i, i + callsAtOnce).map(work))));
  }
  return results;
}

/** For `.catch`: lets the named refusals pass as if nothing had to be done. */
export function ignoring(...statusCodes: number[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof EngineError && statusCodes.includes(error.statusCode))) throw error;
  };
}
