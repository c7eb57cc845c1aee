/** The errors of the command line, the exit codes, and the one place that turns any error into text for the user. */
import { nearest } from '../api/nearest.ts';
import { ApiError } from '../api/status.ts';
import { ServerUnreachableError } from '../client/unreachable.ts';

/** Documented at the end of every help page. 124 and 130 are what timeout(1) and the shells use. */
export const exitCodes = { done: 0, failed: 1, usage: 2, timedOut: 124, interrupted: 130, terminated: 143 } as const;

/** A failure that the user can understand from its message alone. `hint` says what to try. */
export class CliError extends Error {
  /** Stands before the message. */
  readonly prefix: string = 'error: ';
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, { exitCode = exitCodes.failed, hint }: { exitCode?: number; hint?: string } = {}) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** The command line itself is wrong. */
export class UsageError extends CliError {
  constructor(message: string, hint?: string) {
    super(message, { exitCode: exitCodes.usage, ...(hint === undefined ? {} : { hint }) });
  }
}

/** What reading a flag's value throws is a wrong use of the flag. */
export function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (e) {
    throw new UsageError((e as Error).message);
  }
}

export class TimeoutError extends CliError {
  constructor(message: string) {
    super(message, { exitCode: exitCodes.timedOut });
  }
}

/** Ended by the user; says nothing. */
export class Interrupted extends CliError {
  constructor(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT') {
    super('', { exitCode: signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated });
  }
}

/** Several failures of one command, each printed on its own. Its exit code is theirs when they agree. */
export class Failures extends CliError {
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[], summary = '') {
    const codes = new Set(errors.map((error) => (error instanceof CliError ? error.exitCode : exitCodes.failed)));
    super(summary, codes.size === 1 ? { exitCode: [...codes][0]! } : {});
    this.errors = errors;
  }
}

export interface Explanation {
  /** Without the line end; '' prints nothing. */
  text: string;
  exitCode: number;
}

/** `command` is named in the advice after a usage error, such as `kubecfg get`. */
export function explain(error: unknown, command: string): Explanation {
  if (error instanceof Failures) {
    const parts = [
      ...error.errors.map((e) => explain(e, command).text),
      error.message && `${error.prefix}${error.message}`,
    ];
    return { text: parts.filter(Boolean).join('\n'), exitCode: error.exitCode };
  }
  if (error instanceof UsageError || isParseError(error)) {
    const hint = error instanceof UsageError && error.hint ? `${error.hint}\n` : '';
    const message = error.message.replace(/\n?See more help with --help$/, '').replace(/^Parsing (--\S+) \n\t/, '$1: ');
    return { text: `error: ${message}\n${hint}See '${command} --help' for usage.`, exitCode: exitCodes.usage };
  }
  if (error instanceof CliError) {
    const text = error.message && `${error.prefix}${error.message}${error.hint ? `\n${error.hint}` : ''}`;
    return { text, exitCode: error.exitCode };
  }
  if (error instanceof ApiError) return { text: explainStatus(error), exitCode: exitCodes.failed };
  if (error instanceof ServerUnreachableError) return { text: explainUnreachable(error), exitCode: exitCodes.failed };
  return { text: `error: ${error instanceof Error ? error.message : String(error)}`, exitCode: exitCodes.failed };
}

/** What oclif's parser throws: wrong flags, values and arguments. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error;
}

/**
 * kubectl's wording (cmd/util/helpers.go): a list of causes for Invalid, else the reason and the message. `at` puts the
 * place in the user's file in front of each cause.
 */
export function explainStatus(error: ApiError, at?: (field: string) => string): string {
  const { reason, details } = error.status;
  if (reason === 'Invalid' && details?.causes?.length) {
    const place = (field: string) => (at ? `${at(field)}: ` : '');
    const causes = details.causes.map((c) => (c.field ? `${place(c.field)}${c.field}: ${c.message}` : c.message));
    const head = `The ${details.kind} "${details.name ?? ''}" is invalid:`;
    return causes.length === 1 ? `${head} ${causes[0]}` : [head, ...causes.map((c) => `* ${c}`)].join('\n');
  }
  return `Error from server${reason ? ` (${reason})` : ''}: ${error.message}`;
}

function explainUnreachable(error: ServerUnreachableError): string {
  const nobodyListens = error.code === 'ECONNREFUSED';
  return nobodyListens ? `${error.message}\n'kubecfg up' starts a local cluster.` : error.message;
}

/** ` (did you mean "pods"?)`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const best = nearest(word, known);
  return best === undefined ? '' : ` (did you mean "${best}"?)`;
}
