/** What verbs that change objects share: an answer for each, and errors that name file and line. */
import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import { ApiError } from '../api/status.ts';
import type { Output } from './context.ts';
import { CliError, explainStatus, Failures } from './errors.ts';
import type { Manifest } from './manifests.ts';
import { type ObjectPrinter, qualified } from './printers/index.ts';

/** `replicationcontroller/web`. */
export function nameFor(kind: Kind, name: string | undefined): string {
  return `${qualified(kind)}/${name ?? ''}`;
}

/**
 * Does the same to each item in turn. One that fails does not stop the others; what was done has been printed by then,
 * and the summary says how many were not.
 */
export async function eachInTurn<T>(items: readonly T[], done: string, act: (item: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      await act(item);
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof CliError) || isInterrupt(error)) throw error;
      errors.push(error);
    }
  }
  if (errors.length === 0) return;
  throw new Failures(errors, items.length > 1 ? `${errors.length} of ${items.length} objects were not ${done}` : '');
}

export interface Changed {
  object: KubeObject;
  /** `pod/web created`, when there is no `-o`. */
  line: string;
}

export interface Show {
  /** What is done: `created`. */
  done: string;
  printer: ObjectPrinter | undefined;
  stdout: Output;
}

/** As eachInTurn, showing what became of each: a line at once, or with `-o` all objects at the end, failures or not. */
export async function changeEach<T>(
  items: readonly T[],
  show: Show,
  change: (item: T) => Promise<Changed>,
): Promise<void> {
  const { done, printer, stdout } = show;
  const objects: KubeObject[] = [];
  try {
    await eachInTurn(items, done, async (item) => {
      const { object, line } = await change(item);
      objects.push(object);
      if (!printer) stdout.write(`${line}\n`);
    });
  } finally {
    if (printer && objects.length > 0) stdout.write(printer({ objects, single: items.length === 1 }));
  }
}

function isInterrupt(error: Error): boolean {
  return error instanceof CliError && error.exitCode > 128;
}

/** The server's error with the place in the file it is about. */
export function located(error: unknown, manifest: Manifest, doing: string): unknown {
  if (!(error instanceof ApiError) || !manifest.source) return error;
  const { reason, details } = error.status;
  const text = explainStatus(error, manifest.at);
  if (reason === 'Invalid' && details?.causes?.length) return new ManifestError(text);
  const [, field] = /(?:field "|: )((?:spec|metadata|status|data)[\w.[\]-]*)/.exec(error.message) ?? [];
  const where = field ? manifest.at(field) : manifest.source;
  return new ManifestError(`Error from server (${reason}): error when ${doing} "${where}": ${error.message}`);
}

/** Printed as it is. */
class ManifestError extends CliError {
  override readonly prefix = '';
}

/** The same object with this namespace. */
export function inNamespace<T extends KubeObject>(object: T, namespace: string): T {
  return namespace ? { ...object, metadata: { ...object.metadata, namespace } } : object;
}
