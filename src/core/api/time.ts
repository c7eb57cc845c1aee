/** RFC 3339 in UTC with whole seconds, as metav1.Time is written: `2026-11-25T10:00:00Z`. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The same with microseconds, as metav1.MicroTime is written: `2026-11-25T10:00:00.000000Z`. */
export function microTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}

/** How the API writes a time that has not come. The static type of times is string, as nearly all have come. */
export const noTime = null as unknown as string;
