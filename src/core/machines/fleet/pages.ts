/** Page tokens of fleet: limit and page as two little-endian 16-bit numbers in base64. Clients hand them back unread. */

/** fleetd's token_limit. */
export const pageSize = 100;

/** The number of the page that a token asks for; throws with fleetd's words. */
export function readPageToken(token: string): number {
  if (token === '') return 1;
  const illegal = illegalAt(token);
  if (illegal >= 0) throw new Error(`illegal base64 data at input byte ${illegal}`);
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length > 4) throw new Error('too many values for page token');
  if (bytes.length < 4) throw new Error('unexpected EOF');
  if (bytes.readUInt16LE(0) !== pageSize) throw new Error(`token limit must be ${pageSize}`);
  const page = bytes.readUInt16LE(2);
  if (page === 0) throw new Error('token page must be greater than zero');
  return page;
}

/** Go's URL alphabet, padded; -1 when all is well. */
function illegalAt(token: string): number {
  if (/^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/.test(token)) return -1;
  const illegal = token.search(/[^\w-]/);
  return illegal < 0 ? token.length : illegal;
}

export interface Page<T> {
  items: T[];
  /** Given whenever the page is full, even when nothing follows. */
  nextPageToken: string | undefined;
}

export function pageOf<T>(all: readonly T[], page: number): Page<T> {
  const items = all.slice((page - 1) * pageSize, page * pageSize);
  return { items, nextPageToken: items.length === pageSize ? tokenOf(page + 1) : undefined };
}

function tokenOf(page: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(pageSize, 0);
  bytes.writeUInt16LE(page % 0x1_0000, 2);
  // The alphabet of URLs, and padding, which Node leaves out.
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
