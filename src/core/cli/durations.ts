/** Durations on the command line: `30s`, `5m`, and `30` for seconds. */
import * as Flags from '@oclif/core/flags';
import { parseGoDuration } from '../api/duration.ts';
import { UsageError } from './errors.ts';

/** Milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  parse: async (text, _context, { name }) => {
    const ms = /^\d+$/.test(text) ? Number(text) * 1000 : parseGoDuration(text);
    if (ms === undefined) throw new UsageError(`--${name} ${text}: not a duration, such as 30s or 1m30s`);
    return ms;
  },
});
