/** How a machine becomes part of a cluster: the words that it and the API server exchange, and the tokens that allow it. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** POST /join, with the token as bearer. */
export interface JoinRequest {
  /** Of the node that the machine will be. */
  name: string;
  /** At which the others reach it. */
  address: string;
  /** For a key that never leaves the machine: PKCS #10, PEM. */
  request: string;
}

export interface JoinAnswer {
  /** PEM. */
  certificate: string;
  certificateAuthority: string;
  cluster: JoinedCluster;
}

export interface JoinedCluster {
  name: string;
  portalNet: string;
  podNet: string;
  machineNet: string;
  /** `https://172.17.8.101:6443` of every master. */
  servers: string[];
}

/** GET /join?id=…: who the server is, proved by the secret that both know (as kubeadm's cluster-info is). */
export interface Introduction {
  certificateAuthority: string;
  /** HMAC-SHA256 of it in hexadecimal digits. */
  mac: string;
}

/** Tokens are secrets of kube-system of this type, as in Kubernetes (bootstrap tokens). */
export const tokenType = 'bootstrap.kubernetes.io/token';
export const tokenNamespace = 'kube-system';
export const tokenName = (id: string): string => `bootstrap-token-${id}`;

export interface Token {
  /** Not secret: names the token. */
  id: string;
  secret: string;
}

/** `id.secret`; undefined when it is no token. */
export function parseToken(text: string): Token | undefined {
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16,64})$/.exec(text.trim()) ?? [];
  return id && secret ? { id, secret } : undefined;
}

export function introductionMac(secret: string, certificateAuthority: string): string {
  return createHmac('sha256', secret).update(certificateAuthority).digest('hex');
}

/** In a time that does not tell how much was right. */
export function sameSecret(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => createHmac('sha256', 'compare').update(text).digest());
  return timingSafeEqual(one!, other!);
}
