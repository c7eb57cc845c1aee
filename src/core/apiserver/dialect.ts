/** What is different about requests of a version before v1. All that lies between is v1. */
import type { ApiRequest } from '../api/request.ts';
import type { Status } from '../api/status.ts';
import type { Answer, ObjectAnswer } from './answer.ts';
import type { Context } from './context.ts';
import type { WatchFormat } from './watch/item.ts';

export interface Dialect {
  /** Bodies had less to tell of their type, and were read more kindly. */
  parseBody(bytes: Buffer, contentType: string): unknown;
  /** A write whose body is of the old version. */
  write(context: Context, request: ApiRequest): Promise<Answer>;
  answer(answer: Answer): ObjectAnswer;
  readonly watchFormat: WatchFormat;
  error(status: Status): object;
}
