/** The contents of files, which may be packed to survive YAML. */
import { gunzipSync } from 'node:zlib';

const contentBytesMax = 16 * 1024 * 1024;

/** Throws with the original's words on what does not decode. */
export function decodeContent(content: string, encoding: string): Buffer {
  const steps = encoding.split('+').filter(Boolean);
  try {
    let bytes: Buffer = Buffer.from(content);
    // `gzip+base64`: gzipped, then base64.
    for (const step of steps.reverse()) bytes = step.startsWith('gz') ? unzip(bytes) : fromBase64(bytes.toString());
    return bytes;
  } catch {
    throw new Error(`content cannot be decoded as ${JSON.stringify(encoding)}`);
  }
}

/** Also of a whole file. Bounded, since a few kilobytes can unpack to gigabytes. */
export const unzip = (bytes: Buffer): Buffer => gunzipSync(bytes, { maxOutputLength: contentBytesMax });

/** Buffer.from skips what is no base64; the original does not. */
function fromBase64(text: string): Buffer {
  const plain = text.replaceAll(/[\r\n]/g, '');
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) throw new Error('not base64');
  return Buffer.from(plain, 'base64');
}
