/** An etcd that lets in nobody without a certificate of its authority and a password: user `server`, for /registry alone. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Etcd, startEtcd } from './etcd.ts';

export const user = { name: 'server', password: 'pass word' };
const root = ['--user', 'root:secret'];

export interface SecureEtcd {
  etcd: Etcd;
  /** Paths of the authority's certificate and of a client's. */
  caFile: string;
  certFile: string;
  keyFile: string;
  /** Makes the user anew, which invalidates the tokens he has. */
  renewUser(): Promise<void>;
}

export async function startSecureEtcd(t: { after(fn: () => Promise<void> | void): void }): Promise<SecureEtcd> {
  const folder = mkdtempSync(join(tmpdir(), 'kubecfg-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string) => join(folder, name);
  await makeAuthority(folder);
  // The server's certificate is also what its gateway shows to itself.
  await makeCertificate(folder, 'server', 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n');
  await makeCertificate(folder, 'client', 'extendedKeyUsage=clientAuth\n');
  const tls = { ca: file('ca.crt'), cert: file('server.crt'), key: file('server.key') };
  const etcd = await startEtcd(t, { tls });
  await etcd.ctl('user', 'add', 'root:secret');
  await etcd.ctl('user', 'grant-role', 'root', 'root');
  await etcd.ctl('role', 'add', 'registry');
  await etcd.ctl('role', 'grant-permission', 'registry', '--prefix=true', 'readwrite', '/registry');
  await etcd.ctl('auth', 'enable');
  const addUser = async () => {
    await etcd.ctl('user', 'add', `${user.name}:${user.password}`, ...root);
    await etcd.ctl('user', 'grant-role', user.name, 'registry', ...root);
  };
  await addUser();
  const renewUser = async () => {
    await etcd.ctl('user', 'delete', user.name, ...root);
    await addUser();
  };
  return { etcd, caFile: tls.ca, certFile: file('client.crt'), keyFile: file('client.key'), renewUser };
}

const openssl = (cwd: string, ...args: string[]) => promisify(execFile)('openssl', args, { cwd });

async function makeAuthority(folder: string): Promise<void> {
  const subject = ['-subj', '/CN=test authority', '-days', '2'];
  await openssl(
    folder,
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    ...subject,
  );
}

async function makeCertificate(folder: string, name: string, extensions: string): Promise<void> {
  const [key, request] = [`${name}.key`, `${name}.csr`];
  await openssl(
    folder,
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    request,
    '-subj',
    `/CN=${name}`,
  );
  writeFileSync(join(folder, `${name}.ext`), extensions);
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
  await openssl(folder, 'x509', '-req', '-in', request, '-out', `${name}.crt`, ...signed);
}
