import type { Portal } from './portals.ts';

/** Makes exactly these portals work. Called with one list at a time. */
export interface DataPath {
  readonly mode: 'nftables' | 'userspace';
  apply(portals: readonly Portal[]): Promise<void>;
  close(): Promise<void>;
}
