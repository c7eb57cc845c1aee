/**
 * kubeconfig files: read and merged as kubectl does (the first file that names a thing wins), written one stanza at a
 * time in the file that holds it, atomically, with comments and unknown fields kept.
 */
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Document, isMap, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml';
import type { TlsIdentity } from '../client/http.ts';
import { CliError } from './errors.ts';

type Scalar = string | boolean;
type Env = Readonly<Record<string, string | undefined>>;

export interface ContextEntry {
  name: string;
  cluster: string;
  user?: string | undefined;
  namespace?: string | undefined;
}
export interface ClusterEntry {
  name: string;
  server?: string | undefined;
  'certificate-authority'?: string | undefined;
  'certificate-authority-data'?: string | undefined;
  'insecure-skip-tls-verify'?: boolean | undefined;
}
export interface UserEntry {
  name: string;
  'client-certificate'?: string | undefined;
  'client-certificate-data'?: string | undefined;
  'client-key'?: string | undefined;
  'client-key-data'?: string | undefined;
}
export interface Kubeconfig {
  clusters: ClusterEntry[];
  contexts: ContextEntry[];
  users: UserEntry[];
  currentContext: string | undefined;
  /** "The contexts are: …", for error messages. */
  hint(): string;
}

/** The files in order of precedence, whether they exist or not. */
function kubeconfigPaths(flag: string | undefined, env: Env): string[] {
  if (flag) return [flag];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
  return listed.length > 0 ? listed : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

/** Reads and merges. A file of the list may be missing, one named by `--kubeconfig` may not. */
export function readKubeconfig(flag: string | undefined, env: Env): Kubeconfig {
  const merged = mergedKubeconfig(flag, env);
  const contexts = merged.contexts.map((e) => ({ ...(e['context'] as ContextEntry), name: e.name }));
  return {
    clusters: merged.clusters.map((e) => ({ ...(e['cluster'] as ClusterEntry), name: e.name })),
    contexts,
    users: merged.users.map((e) => ({ ...(e['user'] as UserEntry), name: e.name })),
    currentContext: merged['current-context'] || undefined,
    hint: () =>
      contexts.length === 0 ? 'There are no contexts.' : `The contexts are: ${contexts.map((c) => c.name).join(', ')}.`,
  };
}

type Entry = { name: string; [field: string]: unknown };

/** All files as one, in the form of a file. */
export interface MergedKubeconfig {
  apiVersion: 'v1';
  kind: 'Config';
  clusters: Entry[];
  contexts: Entry[];
  users: Entry[];
  'current-context': string;
  preferences: object;
}

export function mergedKubeconfig(flag: string | undefined, env: Env): MergedKubeconfig {
  const files = kubeconfigPaths(flag, env).flatMap((path) => {
    const text = readIfExists(path);
    if (text === undefined && flag) throw new CliError(`${path}: no such file`);
    return text === undefined ? [] : [(parse(path, text).toJS() ?? {}) as Record<string, unknown>];
  });
  const entries = (list: string): Entry[] => {
    const byName = new Map<string, Entry>();
    for (const entry of files.flatMap((file) => asArray(file[list]))) {
      if (typeof entry?.name === 'string' && !byName.has(entry.name)) byName.set(entry.name, entry as Entry);
    }
    return [...byName.values()];
  };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: entries('clusters'),
    contexts: entries('contexts'),
    users: entries('users'),
    'current-context': String(files.map((file) => file['current-context']).find(Boolean) ?? ''),
    preferences: Object.assign({}, ...files.map((file) => file['preferences']).reverse()),
  };
}

export interface WrittenContext {
  /** The context, its cluster and its user carry the same name. */
  name: string;
  server: string;
  /** PEM, for a server that asks who one is. */
  tls?: { ca: string; certificate: string; key: string } | undefined;
  kubeconfig?: string | undefined;
}

/** What a user of a context shows, and what he trusts: from the file, or from files that it names. Undefined without TLS. */
export function tlsOf(cluster: ClusterEntry, user: UserEntry | undefined): TlsIdentity {
  const pem = (data: string | undefined, file: string | undefined, what: string) => {
    if (data) return Buffer.from(data, 'base64').toString();
    if (!file) return undefined;
    const text = readIfExists(file);
    if (text === undefined) throw new CliError(`${what}: there is no file ${file}`);
    return text;
  };
  return {
    ca: pem(cluster['certificate-authority-data'], cluster['certificate-authority'], 'certificate-authority'),
    certificate: pem(user?.['client-certificate-data'], user?.['client-certificate'], 'client-certificate'),
    key: pem(user?.['client-key-data'], user?.['client-key'], 'client-key'),
    insecure: cluster['insecure-skip-tls-verify'],
  };
}

/** Adds or changes one context and makes it the current one. Returns the file it was written to. */
export function writeContext({ name, server, tls, kubeconfig }: WrittenContext, env: Env): string {
  const path = fileToWrite(kubeconfig, env, (doc) => stanza(doc, 'contexts', name) !== undefined);
  edit(path, (doc) => {
    if (!doc.has('apiVersion')) doc.set('apiVersion', 'v1');
    if (!doc.has('kind')) doc.set('kind', 'Config');
    put(doc, 'clusters', name, ['cluster', 'server'], server);
    // The JavaScript client speaks http only where nobody expects TLS.
    if (server.startsWith('http:')) put(doc, 'clusters', name, ['cluster', 'insecure-skip-tls-verify'], true);
    put(doc, 'users', name, ['user'], undefined);
    if (tls) {
      put(doc, 'clusters', name, ['cluster', 'certificate-authority-data'], base64(tls.ca));
      put(doc, 'users', name, ['user', 'client-certificate-data'], base64(tls.certificate));
      put(doc, 'users', name, ['user', 'client-key-data'], base64(tls.key));
    }
    put(doc, 'contexts', name, ['context', 'cluster'], name);
    put(doc, 'contexts', name, ['context', 'user'], name);
    doc.set('current-context', name);
  });
  return path;
}

/** Takes back what writeContext added; leaves everything else, and the file itself, alone. */
export function removeContext({ name, kubeconfig }: Omit<WrittenContext, 'server'>, env: Env): void {
  for (const path of kubeconfigPaths(kubeconfig, env)) {
    const text = readIfExists(path);
    if (text === undefined) continue;
    const doc = parse(path, text);
    const lists = ['clusters', 'users', 'contexts'];
    if (!lists.some((list) => stanza(doc, list, name)) && doc.get('current-context') !== name) continue;
    edit(path, (d) => {
      for (const list of lists) {
        const seq = d.get(list);
        if (isSeq(seq)) seq.items = seq.items.filter((item) => !(isMap(item) && item.get('name') === name));
      }
      if (d.get('current-context') === name) d.set('current-context', '');
    });
  }
}

/** Changes the current context in the file that names one, else in the first file. */
export function useContext(name: string, flag: string | undefined, env: Env): void {
  const config = readKubeconfig(flag, env);
  if (!config.contexts.some((c) => c.name === name)) {
    throw new CliError(`no context exists with the name "${name}"`, { hint: config.hint() });
  }
  edit(
    fileToWrite(flag, env, (doc) => Boolean(doc.get('current-context'))),
    (doc) => doc.set('current-context', name),
  );
}

/** The file that already holds the stanza, else the first that exists, else the last of the list (kubectl 0.17). */
function fileToWrite(flag: string | undefined, env: Env, holds: (doc: Document) => boolean): string {
  const paths = kubeconfigPaths(flag, env);
  const existing = paths.filter((path) => readIfExists(path) !== undefined);
  return existing.find((path) => holds(parse(path, readFileSync(path, 'utf8')))) ?? existing[0] ?? paths.at(-1)!;
}

/** Reads, changes, and replaces the file in one step, so that a crash leaves the old or the new text, never a part. */
function edit(path: string, change: (doc: Document) => void): void {
  // A symbolic link stays a link: its target is what changes.
  const target = resolveLink(path);
  const text = readIfExists(target);
  const doc = text === undefined || text.trim() === '' ? new Document({}) : parse(path, text);
  change(doc);
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, textOf(doc, text), { mode: text === undefined ? 0o600 : statSync(target).mode & 0o777 });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new CliError(`cannot write ${path}: ${(error as Error).message}`);
  }
}

/** A file that was JSON stays JSON, and lists stay indented or not as they were (kubectl writes them without). */
function textOf(doc: Document, old = ''): string {
  if (old.trimStart().startsWith('{')) return `${JSON.stringify(doc.toJS(), null, 2)}\n`;
  return doc.toString({ lineWidth: 0, indentSeq: !/^- /m.test(old) });
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The item of a list of `{name, …}`. */
function stanza(doc: Document, list: string, name: string): YAMLMap | undefined {
  const seq = doc.get(list);
  if (!isSeq(seq)) return undefined;
  return seq.items.find((item): item is YAMLMap => isMap(item) && item.get('name') === name);
}

/** Sets one field of the named item, adding the list and the item where they are missing. Undefined adds an empty map. */
function put(doc: Document, list: string, name: string, path: string[], value: Scalar | undefined): void {
  let seq = doc.get(list);
  if (!isSeq(seq)) {
    seq = new YAMLSeq();
    doc.set(list, seq);
  }
  let item = stanza(doc, list, name);
  if (!item) {
    item = doc.createNode({ name }) as YAMLMap;
    (seq as YAMLSeq).add(item);
    (seq as YAMLSeq).flow = false;
  }
  if (value !== undefined) setIn(doc, item, path, value);
  else if (!isMap(item.get(path[0]))) item.set(path[0], doc.createNode({}));
}

function setIn(doc: Document, item: YAMLMap, [field, leaf]: string[], value: Scalar): void {
  let map = item.get(field);
  if (!isMap(map)) {
    map = doc.createNode({});
    item.set(field, map);
  }
  (map as YAMLMap).set(leaf, value);
  (map as YAMLMap).flow = false;
}

function parse(path: string, text: string): Document {
  const doc = parseDocument(text);
  const [error] = doc.errors;
  if (error) throw new CliError(`${path} is not a kubeconfig: ${error.message.split('\n')[0]}`);
  if (doc.contents !== null && !isMap(doc.contents)) throw new CliError(`${path} is not a kubeconfig: not a map`);
  return doc as Document;
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`cannot read ${path}: ${(error as Error).message}`);
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

const asArray = (value: unknown): { name?: unknown }[] => (Array.isArray(value) ? value : []);
