/** Names of network interfaces: 15 characters at most; a longer one is cut and told apart by a digest. */
import { createHash } from 'node:crypto';

export function interfaceName(prefix: string, text: string): string {
  const name = `${prefix}-${text}`;
  if (name.length <= 15) return name;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 6);
  return `${prefix}-${text.slice(0, 15 - prefix.length - 1 - digest.length)}${digest}`;
}
