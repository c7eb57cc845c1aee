/**
 * `/join`: where a machine gets a certificate of its node. It shows a token, the certificate that it had before, or that of
 * a user who may do everything.
 */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { isObject } from '../../api/decode-errors.ts';
import {
  type Introduction,
  introductionMac,
  type JoinAnswer,
  type JoinedCluster,
  type JoinRequest,
  parseToken,
  sameSecret,
  type Token,
  tokenName,
  tokenNamespace,
  tokenType,
} from '../../api/join.ts';
import { Node, Secret } from '../../api/kinds/index.ts';
import { ApiError, badRequest, notFound } from '../../api/status.ts';
import { masters, nodesGroup, nodeUser } from '../../api/users.ts';
import { dnsSubdomainProblems } from '../../api/validation/names.ts';
import type { Authority } from '../../pki/index.ts';
import type { Context } from '../context.ts';
import { userOf } from './user.ts';

export interface JoinOptions {
  authority: Authority;
  /** What those who join are told of the cluster. */
  cluster(): JoinedCluster;
}

export const joinPath = '/join';

export class JoinDesk {
  readonly #context: Context;
  readonly #options: JoinOptions;

  constructor(context: Context, options: JoinOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Throws NotFound for a token that is not there, or not any more. */
  introduce(id: string): Introduction {
    const secret = this.#secretOf(id);
    if (secret === undefined) throw notFound(Secret, id);
    const { certificate } = this.#options.authority;
    return { certificateAuthority: certificate, mac: introductionMac(secret, certificate) };
  }

  async admit(request: IncomingMessage, body: unknown): Promise<JoinAnswer> {
    const wish = read(body);
    const { authority, cluster } = this.#options;
    const user = userOf(request.socket as TLSSocket);
    const isRenewal = user?.name === nodeUser(wish.name);
    if (!isRenewal) {
      if (!user?.groups.includes(masters) && !this.#isValid(bearerOf(request)))
        throw new ApiError('Unauthorized', 'the token is unknown or has expired', {});
      this.#refuseTaken(wish.name);
    }
    const subject = {
      name: nodeUser(wish.name),
      groups: [nodesGroup],
      hosts: [wish.address, '127.0.0.1', 'localhost'],
    };
    const certificate = await authority.sign(wish.request, subject).catch((error: Error) => {
      throw badRequest(`request: ${error.message}`);
    });
    return { certificate, certificateAuthority: authority.certificate, cluster: cluster() };
  }

  /** A second machine of the same name would take over the node of the first. */
  #refuseTaken(name: string): void {
    const nodes = this.#context.cache.resource(Node);
    if (!nodes.get(nodes.key(undefined, name))) return;
    const why = `there is a node ${name} already: give this machine another --machine-name, or delete the node of one that is gone`;
    throw new ApiError('AlreadyExists', why, {});
  }

  #isValid(token: Token | undefined): boolean {
    const secret = token && this.#secretOf(token.id);
    return secret !== undefined && sameSecret(secret, token!.secret);
  }

  /** Of a token that is there, is for joining, and has not expired. */
  #secretOf(id: string): string | undefined {
    const secrets = this.#context.cache.resource(Secret);
    const found = secrets.get(secrets.key(tokenNamespace, tokenName(id)))?.object as Secret | undefined;
    if (found?.type !== tokenType) return undefined;
    const field = (key: string) => Buffer.from(found.data?.[key] ?? '', 'base64').toString();
    const expires = field('expiration');
    if (expires && !(Date.parse(expires) > this.#context.clock.now())) return undefined;
    return field('usage-bootstrap-authentication') === 'true' ? field('token-secret') || undefined : undefined;
  }
}

function bearerOf({ headers: { authorization = '' } }: IncomingMessage): Token | undefined {
  const [, text = ''] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
  return parseToken(text);
}

function read(body: unknown): JoinRequest {
  const { name, address, request } = isObject(body) ? body : {};
  if (typeof name !== 'string' || dnsSubdomainProblems(name).length > 0)
    throw badRequest('name: the name of a node is needed');
  if (typeof address !== 'string' || !/^[\d.]+$|:/.test(address)) throw badRequest('address: an IP address is needed');
  if (typeof request !== 'string') throw badRequest('request: a certificate request (PKCS #10, PEM) is needed');
  return { name, address, request };
}
