/** The size of a cluster in a request for a token, in the words of Go's strconv.Atoi where it is none. */
import { sizeMax } from './registry.ts';

/** What the original gives those who ask for none. */
const sizeDefault = 3;

/** Throws with the text of the answer. The original takes 0 and less, on which members then crash or stop. */
export function parseSize(text: string | undefined): number {
  if (!text) return sizeDefault;
  const fail = (why: string) => new Error(`strconv.Atoi: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw fail('invalid syntax');
  if (BigInt.asIntN(64, BigInt(text.replace('+', ''))) !== BigInt(text.replace('+', '')))
    throw fail('value out of range');
  const size = Number(text);
  if (size < 1 || size > sizeMax) throw new Error(`size must be from 1 to ${sizeMax}, not ${size}`);
  return size;
}
