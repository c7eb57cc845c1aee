/** Asking an authority elsewhere for a certificate: the key never leaves this machine. */
import { createPrivateKey, webcrypto } from 'node:crypto';
import { x509 } from './x509.ts';

export interface CertificateRequest {
  /** PKCS #10, PEM. */
  request: string;
  /** PKCS #8, PEM. */
  key: string;
}

export async function requestCertificate(name: string): Promise<CertificateRequest> {
  const { Pkcs10CertificateRequestGenerator } = await x509();
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return { request: `${request.toString('pem')}\n`, key: key.export({ format: 'pem', type: 'pkcs8' }).toString() };
}
