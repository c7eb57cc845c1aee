/** Keys are ordered as etcd orders them: by the bytes of their UTF-8 form. */

/** LMDB takes 1,978 bytes, of which a record's key needs nine for itself. */
const keyBytesMax = 1_900;

/** Order of the UTF-8 bytes, found without encoding: UTF-16 differs from it only in that surrogates sort too low. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Sorts behind every key that starts with `prefix` and before all that follow: U+DFFF ranks highest and starts no character. */
export function prefixEnd(prefix: string): string {
  return `${prefix}\udfff`;
}

/** Throws when a new key cannot be kept on disk, or could not be told from another there. */
export function checkKey(key: string): void {
  if (key === '') throw new Error('a key may not be empty');
  if (/\p{Surrogate}/u.test(key)) throw new Error(`key ${JSON.stringify(key)} holds half a character`);
  if (key.length * 3 > keyBytesMax && Buffer.byteLength(key) > keyBytesMax) {
    throw new Error(`key ${key.slice(0, 60)}… is longer than ${keyBytesMax} bytes`);
  }
}
