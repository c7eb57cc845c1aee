/** What pods/log can be asked for (kubernetes validation.ValidatePodLogOptions). */
import type { LogOptions } from '../request.ts';
import { type FieldError, invalid } from '../status.ts';
import { forbiddenField, invalidValue, notSupported } from './errors.ts';

const streams = ['All', 'Stderr', 'Stdout'];

/** Throws Invalid, naming each wrong option. */
export function checkLogOptions(pod: string, options: LogOptions): void {
  const errors = logOptionErrors(options);
  if (errors.length) throw invalid('PodLogOptions', '', pod, errors);
}

function logOptionErrors({ tailLines, sinceSeconds, sinceTime, limitBytes, stream = 'All' }: LogOptions): FieldError[] {
  const errors = [
    ...atLeast('tailLines', tailLines, 0),
    ...atLeast('sinceSeconds', sinceSeconds, 1),
    ...atLeast('limitBytes', limitBytes, 1),
  ];
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    errors.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  }
  if (!streams.includes(stream)) errors.push(notSupported('stream', stream, streams));
  // Engines count the lines of both streams together.
  else if (stream !== 'All' && tailLines !== undefined) {
    errors.push(forbiddenField('', '`tailLines` and specific `stream` are mutually exclusive for now'));
  }
  return errors;
}

function atLeast(field: string, value: number | undefined, least: 0 | 1): FieldError[] {
  if (value === undefined || value >= least) return [];
  return [invalidValue(field, value, least ? 'must be greater than 0' : 'must be greater than or equal to 0')];
}
