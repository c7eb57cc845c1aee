/**
 * `-f`: files, directories, URLs and stdin become objects. JSON and YAML 1.1 (as kubectl reads it), several documents,
 * lists expanded. Everything is read and checked before the first request, and each object remembers where it stood.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from '../api/kind.ts';
import { kindOf, kinds } from '../api/kinds/index.ts';
import type { KubeObject } from '../api/object.ts';
import type { Context } from './context.ts';
import { CliError, didYouMean, UsageError } from './errors.ts';
import { type Document, parseDocuments } from './manifest-documents.ts';

export interface Manifest {
  object: KubeObject;
  kind: Kind;
  /** `pod.yaml`, or `pods.yaml document 2` when there are several, for messages; '' for objects made from words. */
  source: string;
  /** `pod.yaml:12` for the line of a field; the source when it is not known. */
  at(field: string): string;
}

/** Throws a CliError that names file, document, line and field of the first thing that is wrong. */
export async function readManifests(sources: readonly string[], context: Context): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const source of sources) {
    for (const { name, text } of await readSource(source, context)) {
      for (const document of parseDocuments(name, text).flatMap(expand)) manifests.push(await manifestIn(document));
    }
  }
  if (manifests.length === 0) throw new CliError(`no objects in ${sources.join(', ')}`);
  return manifests;
}

/** An object made from words: there is no file to name. */
export function manifestOf(object: object): Manifest {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  return { object: object as KubeObject, kind: kindOf(apiVersion, kind)!, source: '', at: () => '' };
}

interface Source {
  name: string;
  text: string;
}

async function readSource(source: string, context: Context): Promise<Source[]> {
  if (source === '-') return [{ name: 'stdin', text: await readStdin(context) }];
  if (/^https?:\/\//.test(source)) return [{ name: source, text: await download(source) }];
  try {
    if (!statSync(source).isDirectory()) return [{ name: source, text: readFileSync(source, 'utf8') }];
    const files = readdirSync(source, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && /\.(json|yaml|yml)$/.test(entry.name))
      .map((entry) => join(source, entry.name))
      .sort();
    if (files.length === 0) throw new CliError(`${source}: no .json, .yaml or .yml files in this directory`);
    return files.map((name) => ({ name, text: readFileSync(name, 'utf8') }));
  } catch (error) {
    throw fileError(source, error as NodeJS.ErrnoException);
  }
}

function fileError(path: string, error: NodeJS.ErrnoException): Error {
  if (error instanceof CliError) return error;
  if (error.code === 'ENOENT') return new CliError(`${path}: no such file or directory`);
  if (error.code === 'EACCES') return new CliError(`${path}: permission denied`);
  return new CliError(`cannot read ${path}: ${error.message}`);
}

async function readStdin({ stdin }: Context): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

async function download(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    const cause = (error as { cause?: Error }).cause ?? (error as Error);
    throw new CliError(`cannot read ${url}: ${cause.message}`);
  }
  if (!response.ok) throw new CliError(`cannot read ${url}: the server answered ${response.status}`);
  return response.text();
}

/** The objects of one document: itself, or the items of a list. */
function expand(document: Document): Document[] {
  const { value } = document;
  if (!isMap(value)) {
    throw new CliError(`${document.at('')}: an object must be a map with apiVersion and kind, not ${described(value)}`);
  }
  if (typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items'])) {
    return value['items'].flatMap((item, i) => expand(document.part(item, `items[${i}]`)));
  }
  return [document];
}

async function manifestIn(document: Document): Promise<Manifest> {
  const value = await inVersion1(document.value as Record<string, unknown>);
  const kind = kindOfDocument(document, value);
  return { object: value as unknown as KubeObject, kind, source: document.name, at: document.at };
}

/** What scripts of 2014 have is in v1beta1 to v1beta3; an object that those do not know is left for the error message. */
async function inVersion1(value: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || !/^v1beta[1-3]$/.test(apiVersion)) return value;
  const { decodeBody, olderVersions, resources } = await import('../api/versions/index.ts');
  const version = olderVersions.find((known) => known === apiVersion);
  const resource = resources.find((one) => kind === one.kind || kind === one.inlineKind);
  return version && resource ? decodeBody(version, resource, value) : value;
}

function kindOfDocument(document: Document, value: Record<string, unknown>): Kind {
  const { apiVersion, kind } = value;
  for (const [field, found] of Object.entries({ apiVersion, kind })) {
    if (found === undefined) {
      const example = field === 'kind' ? 'Pod' : 'v1';
      throw new CliError(`${document.at('')}: ${field} is missing, such as "${field}: ${example}"`);
    }
    if (typeof found !== 'string')
      throw new CliError(`${document.at(field)}: ${field}: must be a string, not ${described(found)}`);
  }
  const known = kindOf(apiVersion as string, kind as string);
  if (known) {
    const { metadata } = value;
    if (isMap(metadata)) return known;
    throw new CliError(`${document.at('metadata')}: metadata: must be a map with a name, not ${described(metadata)}`);
  }
  const namesakes = kinds.filter((k) => k.kind === kind);
  if (namesakes.length > 0) {
    const versions = namesakes.map((k) => k.apiVersion).join(', ');
    throw new CliError(
      `${document.at('apiVersion')}: apiVersion: no ${kind} in version "${apiVersion}", use ${versions}`,
    );
  }
  const names = kinds.map((k) => k.kind);
  throw new CliError(
    `${document.at('kind')}: kind: no kind "${kind}" in version "${apiVersion}"${didYouMean(kind as string, names)}`,
    { hint: `The kinds are: ${names.join(', ')}.` },
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function described(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return `${typeof value === 'object' ? 'a map' : `the ${typeof value} ${JSON.stringify(value)}`}`;
}

/** The namespace an object belongs to: its own, which must agree with `--namespace`, else the one at hand. */
export function namespaceFor(
  { object, kind, at }: Manifest,
  { flag, current }: { flag?: string | undefined; current: string },
): string {
  if (!kind.namespaced) return '';
  const own = object.metadata?.namespace;
  if (own && flag && own !== flag) {
    throw new UsageError(
      `${at('metadata.namespace')}: metadata.namespace is "${own}", but --namespace=${flag} was given`,
    );
  }
  return own || current;
}
