/** Spans of time: for eyes (ages in tables) and in Go's notation (flags, annotations). */

/** As tables show it, from two units at most (apimachinery util/duration HumanDuration). */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
  small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;

/** Time since an RFC 3339 timestamp; `<unknown>` when there is none. */
export function age(timestamp: string | null | undefined, now: number): string {
  return timestamp ? humanDuration(now - Date.parse(timestamp)) : '<unknown>';
}

const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** `1h30m`, `1.5s`, `-2m`, `0` (Go's time.ParseDuration) in milliseconds; undefined when `text` is no duration. */
export function parseGoDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text);
  if (!match) return undefined;
  let ms = 0;
  for (const [, amount, unit] of match[2]!.matchAll(/([\d.]+)([a-zµμ]+)/g)) ms += Number(amount) * unitMs[unit!]!;
  return match[1] === '-' ? -ms : ms;
}

/** As Go's Duration.String writes it: `1h30m0s`, `1.5s`, `20ms`, `0s`. */
export function formatGoDuration(ms: number): string {
  const ns = Math.round(Math.abs(ms) * 1e6);
  const sign = ms < 0 && ns > 0 ? '-' : '';
  if (ns === 0) return '0s';
  if (ns < 1e3) return `${sign}${ns}ns`;
  if (ns < 1e6) return `${sign}${ns / 1e3}µs`;
  if (ns < 1e9) return `${sign}${ns / 1e6}ms`;
  const seconds = `${Number(((ns % 6e10) / 1e9).toFixed(9))}s`;
  const minutes = Math.trunc(ns / 6e10);
  if (minutes === 0) return `${sign}${seconds}`;
  return minutes < 60
    ? `${sign}${minutes}m${seconds}`
    : `${sign}${Math.trunc(minutes / 60)}h${minutes % 60}m${seconds}`;
}
