/** What the file says of itself, written with every batch: from it, lost records can be told. */
import type { Database } from './database.ts';
import { sealed, unsealed } from './record.ts';

export interface FileState {
  /** Where history begins. */
  compactedRevision: number;
  /** Of the last commit. */
  revision: number;
  /** How many there are. */
  records: number;
}

export const stateKey = Buffer.from('m:state');
const fields = ['compactedRevision', 'revision', 'records'] as const;

export function stateValue(state: FileState): Buffer {
  const out = Buffer.allocUnsafe(8 * fields.length);
  for (const [i, field] of fields.entries()) out.writeDoubleBE(state[field], 8 * i);
  return sealed(stateKey, out);
}

/** `damaged` when it can't be read. */
export function readState(db: Database): FileState | 'damaged' {
  const value = db.getBinary(stateKey);
  if (!value) return { compactedRevision: 0, revision: 1, records: 0 }; // nothing was ever written
  const found = unsealed(stateKey, value);
  if (found?.length !== 8 * fields.length) return 'damaged';
  const [compactedRevision = 0, revision = 0, records = 0] = fields.map((_, i) => found.readDoubleBE(8 * i));
  return { compactedRevision, revision, records };
}
