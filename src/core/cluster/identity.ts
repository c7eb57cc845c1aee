/**
 * Who a machine of several hosts is to the others. Masters derive the authority of the cluster from the token of its
 * discovery URL, which is the secret that all of them were given; workers keep what they got when they joined.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { masters, nodesGroup, nodeUser } from '../api/users.ts';
import { type Authority, authorityOf, type Credentials } from '../pki/index.ts';

export interface Identity {
  /** PEM. */
  ca: string;
  /** Of the machine's agents, and of its kubelet's server. */
  node: Credentials;
  master?: {
    authority: Authority;
    /** Of the API server: its port, and its calls to kubelets. */
    server: Credentials;
  };
}

export interface Hosted {
  name: string;
  address: string;
}

/** Below 128 bits a token is no secret. */
const tokenDigitsMin = 32;

/** The secret in a discovery URL; throws when somebody could guess it. */
export function secretOf(discovery: string): string {
  const token = new URL(discovery).pathname.split('/').filter(Boolean).at(-1) ?? '';
  if (!/^[a-f0-9]+$/.test(token) || token.length < tokenDigitsMin) {
    throw new Error(`the last part of the discovery URL is no token of ${tokenDigitsMin} hexadecimal digits`);
  }
  return token;
}

export async function masterIdentity(discovery: string, { name, address }: Hosted, portal: string): Promise<Identity> {
  const authority = await authorityOf(secretOf(discovery));
  const hosts = [address, '127.0.0.1', 'localhost', name];
  const [node, server] = await Promise.all([
    authority.issue({ name: nodeUser(name), groups: [nodesGroup], hosts }),
    authority.issue({ name: 'kube-apiserver', groups: [masters], hosts: [...hosts, portal, 'kubernetes.default'] }),
  ]);
  return { ca: authority.certificate, node, master: { authority, server } };
}

/** Whoever has this may do everything with the cluster. */
export async function adminOf(discovery: string): Promise<{ ca: string } & Credentials> {
  const authority = await authorityOf(secretOf(discovery));
  return { ca: authority.certificate, ...(await authority.issue({ name: 'kubernetes-admin', groups: [masters] })) };
}

export interface PemFiles {
  ca: string;
  certificate: string;
  key: string;
}

const filesIn = (dir: string, name: string): PemFiles => ({
  ca: join(dir, `${name}-ca.crt`),
  certificate: join(dir, `${name}.crt`),
  key: join(dir, `${name}.key`),
});

/** etcd has an authority of its own: the certificate of a worker opens no door there. */
export async function writeEtcdFiles(dir: string, discovery: string, { name, address }: Hosted): Promise<PemFiles> {
  const authority = await authorityOf(`etcd ${secretOf(discovery)}`);
  const issued = await authority.issue({ name, hosts: [address, '127.0.0.1', 'localhost'] });
  return writeFiles(filesIn(dir, 'etcd'), authority.certificate, issued);
}

export function writeNodeFiles(dir: string, { ca, node }: Identity): void {
  writeFiles(filesIn(dir, 'node'), ca, node);
}

/** Throws when there are none. */
export function readNodeFiles(dir: string): Identity {
  const { ca, certificate, key } = filesIn(dir, 'node');
  const [caText, certificateText, keyText] = [ca, certificate, key].map((file) => readFileSync(file, 'utf8'));
  return { ca: caText!, node: { certificate: certificateText!, key: keyText! } };
}

function writeFiles(files: PemFiles, ca: string, { certificate, key }: Credentials): PemFiles {
  const texts: [string, string][] = [
    [files.ca, ca],
    [files.certificate, certificate],
    [files.key, key],
  ];
  for (const [file, text] of texts) {
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  }
  return files;
}
