/** Asks an API server to let this machine in: with a token at first, with the certificate it has later. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import {
  type Introduction,
  introductionMac,
  type JoinAnswer,
  type JoinRequest,
  parseToken,
  sameSecret,
  type Token,
} from '../api/join.ts';
import type { Credentials } from '../pki/index.ts';

export interface Joined extends JoinAnswer {
  /** PEM, made here. */
  key: string;
}

export interface JoinWishes {
  /** `https://172.17.8.101:6443` */
  server: string;
  name: string;
  address: string;
}

const timeoutMs = 10_000;
const answerBytesMax = 1024 * 1024;

/** Throws with words for the user when the server is not the one that the token is of, or does not take it. */
export async function joinWithToken(wishes: JoinWishes, text: string): Promise<Joined> {
  const token = parseToken(text);
  if (!token) throw new Error("the token is not of the form ID.SECRET that 'kubecfg token create' prints");
  const ca = await introduced(wishes.server, token);
  return join(wishes, { ca }, `Bearer ${token.id}.${token.secret}`);
}

/** For a machine that has a certificate of its node, which is renewed, or of a user who may do everything. */
export function joinWithCertificate(wishes: JoinWishes, ca: string, own: Credentials): Promise<Joined> {
  return join(wishes, { ca, cert: own.certificate, key: own.key });
}

/** Nobody answers there, or nobody that speaks as an API server does. */
export class SilentServerError extends Error {}

/** The authority of the server, once it has proved that it knows the token's secret, too: until then it may be anyone. */
async function introduced(server: string, { id, secret }: Token): Promise<string> {
  const answer = await call(`${server}/join?id=${id}`, { rejectUnauthorized: false });
  if (answer.code === 404) throw new Error(`${server} does not know the token ${id}: it may have expired`);
  const { certificateAuthority = '', mac = '' } = answer.body as Partial<Introduction>;
  if (answer.code === 200 && sameSecret(mac, introductionMac(secret, certificateAuthority)))
    return certificateAuthority;
  throw new Error(`${server} is not the cluster that the token ${id} is of: it cannot prove that it knows its secret`);
}

async function join({ server, name, address }: JoinWishes, tls: object, authorization?: string): Promise<Joined> {
  const { requestCertificate } = await import('../pki/index.ts');
  const { request: csr, key } = await requestCertificate(name);
  const wish: JoinRequest = { name, address, request: csr };
  const headers = { 'Content-Type': 'application/json', ...(authorization && { Authorization: authorization }) };
  const { code, body } = await call(`${server}/join`, { ...tls, method: 'POST', headers }, JSON.stringify(wish));
  if (code === 200) return { ...(body as JoinAnswer), key };
  throw new Error(`${server} does not let ${name} join: ${(body as { message?: string }).message ?? `status ${code}`}`);
}

function call(url: string, options: object, body?: string): Promise<{ code: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const { origin } = new URL(url);
    const fail = (error: Error) => reject(new SilentServerError(`${origin} does not answer: ${reasonOf(error)}`));
    const req = request(url, { agent: false, timeout: timeoutMs, ...options }, (res) => {
      textOf(res)
        .then((text) => resolve({ code: res.statusCode ?? 0, body: parsed(text, origin) }))
        .catch((error: Error) => (error instanceof ForeignServerError ? reject(error) : fail(error)));
    });
    req.on('timeout', () => req.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    req.on('error', fail);
    req.end(body);
  });
}

class ForeignServerError extends Error {}

function parsed(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ForeignServerError(`${origin} is no API server: the secure port of a master is needed`);
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EPROTO') return 'it does not speak TLS; the secure port of a master is needed';
  return message || (code ?? 'the connection was cut');
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) {
    text += part;
    if (text.length > answerBytesMax) throw new Error('the answer is too long for an API server');
  }
  return text;
}
