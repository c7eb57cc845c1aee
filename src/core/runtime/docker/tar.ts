/** Writes the few kinds of tar entries (POSIX ustar) that an image of ours is made of. */

export type TarEntry =
  | { type: 'file'; path: string; mode: number; data: Uint8Array }
  | { type: 'link'; path: string; target: string }
  | { type: 'directory'; path: string; mode: number };

const block = 512;
const typeFlags = { file: '0', link: '2', directory: '5' } as const;

/** The same entries give the same bytes: no times, no owners but root. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const data = entry.type === 'file' ? Buffer.from(entry.data) : Buffer.alloc(0);
    parts.push(header(entry, data.length), data, Buffer.alloc((block - (data.length % block)) % block));
  }
  // Two empty blocks end an archive.
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(entry: TarEntry, size: number): Buffer {
  const target = entry.type === 'link' ? entry.target : '';
  if (entry.path.length > 100 || target.length > 100) throw new Error(`tar: name too long: ${entry.path}`);
  const out = Buffer.alloc(block);
  const octal = (value: number, at: number, width: number) =>
    out.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  out.write(entry.path, 0);
  octal(entry.type === 'link' ? 0o777 : entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  out.write(typeFlags[entry.type], 156);
  out.write(target, 157);
  out.write('ustar\x0000', 257, 'latin1');
  // The checksum is the sum of all bytes with its own field taken as spaces.
  out.fill(' ', 148, 156);
  out.write(
    `${out
      .reduce((sum, byte) => sum + byte)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  return out;
}
