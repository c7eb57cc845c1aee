/**
 * Certificates: the authority of a cluster, and what it issues to machines and people.
 * May import: nothing of core.
 */
export { type Authority, authorityOf, type Credentials, type Subject } from './authority.ts';
export { type CertificateRequest, requestCertificate } from './request.ts';
