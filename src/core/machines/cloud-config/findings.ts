/** What is wrong with a file, and where. */

export interface Finding {
  line: number;
  /** An error stops the machine's start in the original; a warning is something it leaves out without a word. */
  kind: 'error' | 'warning';
  /** Such as `coreos.units[0].command`; '' is the file. */
  key: string;
  message: string;
  /** What is allowed there, or what was probably meant. */
  hint?: string;
}

/** `line 5: error: coreos.units[0].command: invalid value run (allowed: start, stop)`. */
export function formatFinding({ line, kind, key, message, hint }: Finding): string {
  return `line ${line}: ${kind}: ${key ? `${key}: ` : ''}${message}${hint ? ` (${hint})` : ''}`;
}
