/** POST of a review: a question whose answer is its status. Nothing is stored. */
import { decodeObject } from '../../api/decode.ts';
import type { ApiRequest } from '../../api/request.ts';
import { invalid } from '../../api/status.ts';
import { type Answer, created } from '../answer.ts';

export function review({ kind, body, duplicates, options = {} }: ApiRequest): Answer {
  const { object, warnings } = decodeObject(kind, body, options.fieldValidation ?? 'Warn', duplicates);
  const errors = kind.validate?.(object) ?? [];
  if (errors.length) throw invalid(kind.kind, kind.group, '', errors);
  kind.review?.(object);
  return created({ object, wire: Buffer.from(JSON.stringify(object)) }, kind, warnings);
}
