/** Who is at the other end of a connection: certificates speak for users, as in Kubernetes (CN is the user, O its groups). */
import type { TLSSocket } from 'node:tls';
import { nodeOfUser, nodesGroup } from '../../api/users.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Undefined without a certificate of the cluster's own authority. */
export function userOf(socket: TLSSocket): User | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  // Several values of one attribute come as a list.
  const { CN: names, O: groups = [] } = subject as unknown as Record<'CN' | 'O', string | string[] | undefined>;
  const name = [names].flat()[0];
  return name ? { name, groups: [groups].flat() } : undefined;
}

/** The node that a user is the agent of. */
export function nodeOf({ name, groups }: User): string | undefined {
  return groups.includes(nodesGroup) ? nodeOfUser(name) : undefined;
}
