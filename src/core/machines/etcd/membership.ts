/** Who belongs to an etcd cluster, asked and changed through the JSON form of its API (gRPC gateway). */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

/** Files in PEM. */
export interface EtcdFiles {
  ca: string;
  certificate: string;
  key: string;
}

export interface Member {
  /** A decimal number of 64 bits. */
  ID: string;
  /** Empty until it has started. */
  name?: string;
  peerURLs: string[];
  clientURLs?: string[];
}

const timeoutMs = 5_000;
const answerCharsMax = 1024 * 1024;

/** Throws when no endpoint answers. */
export async function membersOf(endpoints: readonly string[], files: EtcdFiles): Promise<Member[]> {
  return ((await callAny(endpoints, files, ['list', {}])) as { members: Member[] }).members;
}

/** Throws etcd's own words when it refuses, which it does when the rest would have no quorum. */
export async function removeMember(endpoints: readonly string[], files: EtcdFiles, id: string): Promise<void> {
  await callAny(endpoints, files, ['remove', { ID: id }]);
}

/** A member is healthy when its cluster has a leader that it can reach. */
export async function isHealthy(endpoint: string, files: EtcdFiles, signal?: AbortSignal): Promise<boolean> {
  return call(`${endpoint}/health`, files, { signal }).then(
    ({ code }) => code === 200,
    () => false,
  );
}

type Call = [what: 'list' | 'remove', body: object];

async function callAny(endpoints: readonly string[], files: EtcdFiles, [what, body]: Call): Promise<unknown> {
  const failures: string[] = [];
  for (const endpoint of endpoints) {
    try {
      const { code, text } = await call(`${endpoint}/v3/cluster/member/${what}`, files, { body: JSON.stringify(body) });
      const answer = JSON.parse(text) as { error?: string };
      if (code === 200) return answer;
      failures.push(answer.error ?? `status ${code}`);
    } catch (error) {
      failures.push(`${endpoint}: ${(error as Error).message}`);
    }
  }
  throw new Error(`etcd: ${failures.join('; ')}`);
}

interface Asking {
  body?: string;
  signal?: AbortSignal | undefined;
}

function call(url: string, files: EtcdFiles, { body, signal }: Asking): Promise<{ code: number; text: string }> {
  const [ca, cert, key] = [files.ca, files.certificate, files.key].map((file) => readFileSync(file, 'utf8'));
  const tls = { ca, cert, key, agent: false as const, timeout: timeoutMs, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const req = request(url, { ...tls, method: body === undefined ? 'GET' : 'POST' }, (res) => {
      textOf(res).then((text) => resolve({ code: res.statusCode ?? 0, text }), reject);
    });
    req.on('timeout', () => req.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    req.on('error', reject);
    req.end(body);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) {
    text += part;
    if (text.length > answerCharsMax) throw new Error('the answer is too long for etcd');
  }
  return text;
}
