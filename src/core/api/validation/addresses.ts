/** IP addresses, version 4 and 6. */
import { parseAddress } from '../cidr.ts';

export function ipProblems(text: string): string[] {
  return parseAddress(text) !== undefined || isIPv6(text)
    ? []
    : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
}

/** The URL parser knows the grammar; nothing else in the language does. */
const isIPv6 = (text: string): boolean =>
  /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(text) && URL.canParse(`http://[${text}]`);
