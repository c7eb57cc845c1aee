/** What a verb answers, before it is bytes or a shared object. */
import type { ListMeta } from '../api/object.ts';
import type { Status } from '../api/status.ts';
import type { AnyKind, Entry, Payload } from './entry.ts';
import type { Bytes } from './items.ts';

export interface ObjectAnswer {
  readonly type: 'object';
  readonly kind: AnyKind;
  readonly payload: Payload;
  readonly code: number;
  readonly warnings: readonly string[];
}
export interface ListAnswer {
  readonly type: 'list';
  readonly kind: AnyKind;
  readonly metadata: ListMeta;
  readonly entries: readonly Pick<Entry, 'object'>[];
  items(): Bytes;
  readonly code: number;
  readonly warnings: readonly string[];
}
export interface StatusAnswer {
  readonly type: 'status';
  readonly status: Status | Omit<Status, 'code'>;
  readonly code: number;
  readonly warnings: readonly string[];
}
export type Answer = ObjectAnswer | ListAnswer | StatusAnswer;

const none: readonly string[] = [];

export const ok = (payload: Payload, kind: AnyKind, warnings = none): ObjectAnswer => ({
  type: 'object',
  kind,
  payload,
  code: 200,
  warnings,
});

export const created = (payload: Payload, kind: AnyKind, warnings = none): ObjectAnswer => ({
  type: 'object',
  kind,
  payload,
  code: 201,
  warnings,
});

export const success = (code: number, status: Partial<Status> = {}): StatusAnswer => ({
  type: 'status',
  status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', ...status },
  code,
  warnings: none,
});
