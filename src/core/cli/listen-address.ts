/** `HOST:PORT` on the command line; `:8087` is every address of the host, `[::1]:8087` one of IPv6. */
import { UsageError } from './errors.ts';

export function parseListenAddress(flag: string, text: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(\[[\da-fA-F:.]+\]|[^:\s]*):(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65535) throw new UsageError(`--${flag} ${text}: not an address such as :8087`);
  return { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}
