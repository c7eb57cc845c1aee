/**
 * The certificate authority of a cluster whose machines share a secret: its key is derived from the secret, so every
 * machine that knows it has the same authority, and nothing has to be carried from one to the other.
 */
import { createECDH, createPrivateKey, hkdfSync, webcrypto } from 'node:crypto';
import type { X509Certificate } from '@peculiar/x509';
import { x509 } from './x509.ts';

/** What a certificate is to say. */
export interface Subject {
  /** Common name: who it is. For machines `system:node:NAME`. */
  name: string;
  /** Organizations: the groups it belongs to. */
  groups?: readonly string[];
  /** Addresses and names it may be reached at; a certificate that names none cannot serve. */
  hosts?: readonly string[];
}

/** PEM. */
export interface Credentials {
  certificate: string;
  /** PKCS #8. */
  key: string;
}

export interface Authority {
  /** Its own certificate in PEM: what others are given to trust. */
  readonly certificate: string;
  issue(subject: Subject): Promise<Credentials>;
  /** A certificate for a key that its owner keeps (PKCS #10, PEM). Throws when the request is damaged or not signed by that key. */
  sign(request: string, subject: Subject): Promise<string>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const signing = { name: 'ECDSA', hash: 'SHA-256' };
const authorityName = 'CN=kubecfg-ca';
/** The order of P-256's group (FIPS 186-4, D.1.2.3). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const yearMs = 365 * 24 * 3600 * 1000;
/** Clocks of machines differ. */
const backdatedMs = 48 * 3600 * 1000;

/** The same secret gives the same authority everywhere and always. It should hold 128 bits that nobody can guess. */
export async function authorityOf(secret: string): Promise<Authority> {
  const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } = await x509();
  const keys = await derivedKeys(secret);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: authorityName,
    // Fixed, so that all machines have it for the same time.
    notBefore: new Date('2015-01-01T00:00:00Z'),
    notAfter: new Date('2065-01-01T00:00:00Z'),
    signingAlgorithm: signing,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return new DerivedAuthority(certificate, keys.privateKey);
}

class DerivedAuthority implements Authority {
  readonly certificate: string;
  readonly #key: webcrypto.CryptoKey;

  constructor(certificate: X509Certificate, key: webcrypto.CryptoKey) {
    this.certificate = `${certificate.toString('pem')}\n`;
    this.#key = key;
  }

  async issue(subject: Subject): Promise<Credentials> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const certificate = await this.#certify(keys.publicKey, subject);
    return { certificate, key: key.export({ format: 'pem', type: 'pkcs8' }).toString() };
  }

  async sign(request: string, subject: Subject): Promise<string> {
    const { Pkcs10CertificateRequest } = await x509();
    const csr = new Pkcs10CertificateRequest(request);
    if (!(await csr.verify())) throw new Error('the certificate request is not signed by the key it is for');
    return this.#certify(await csr.publicKey.export(), subject);
  }

  async #certify(publicKey: webcrypto.CryptoKey, { name, groups = [], hosts = [] }: Subject): Promise<string> {
    const { ExtendedKeyUsageExtension, ExtendedKeyUsage, SubjectAlternativeNameExtension, X509CertificateGenerator } =
      await x509();
    const now = Date.now();
    const uses = [ExtendedKeyUsage.clientAuth, ...(hosts.length > 0 ? [ExtendedKeyUsage.serverAuth] : [])];
    const alternatives = hosts.map((host) => ({
      type: isAddress(host) ? ('ip' as const) : ('dns' as const),
      value: host,
    }));
    const certificate = await X509CertificateGenerator.create({
      subject: [{ CN: [name] }, ...groups.map((group) => ({ O: [group] }))],
      issuer: authorityName,
      notBefore: new Date(now - backdatedMs),
      notAfter: new Date(now + yearMs),
      publicKey,
      signingKey: this.#key,
      signingAlgorithm: signing,
      extensions: [
        new ExtendedKeyUsageExtension(uses),
        ...(alternatives.length > 0 ? [new SubjectAlternativeNameExtension(alternatives)] : []),
      ],
    });
    return `${certificate.toString('pem')}\n`;
  }
}

const isAddress = (host: string) => /^[\d.]+$/.test(host) || host.includes(':');

/** HKDF gives more bits than needed, so that the remainder is as good as uniform (FIPS 186-4, B.4.1). */
async function derivedKeys(secret: string): Promise<webcrypto.CryptoKeyPair> {
  const bits = Buffer.from(hkdfSync('sha256', secret, '', 'kubecfg certificate authority', 40)).toString('hex');
  const scalar = (BigInt(`0x${bits}`) % (order - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const common = { kty: 'EC', crv: 'P-256', x: x!, y: y! };
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey('jwk', { ...common, d: d.toString('base64url') }, algorithm, false, ['sign']),
    publicKey: await subtle.importKey('jwk', common, algorithm, true, ['verify']),
  };
}
