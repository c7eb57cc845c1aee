/** Adler-32 (RFC 1950) in hex without leading zeros: the checksum that Kubernetes 0.17 put into container names. */
export function adler32(text: string): string {
  let a = 1;
  let b = 0;
  for (const byte of Buffer.from(text)) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return (b * 65536 + a).toString(16);
}
