/**
 * user-data as coreos-cloudinit takes it: one reader for `cloud-config validate`, `up --user-data` and the machines that
 * apply it. It changes nothing; apply.ts does.
 */
import { LineCounter, parseAllDocuments, type Document as YamlDocument } from 'yaml';
import { unzip } from './content.ts';
import type { Finding } from './findings.ts';
import { Hints } from './hints.ts';
import { type CloudConfig, cloudConfig } from './keys.ts';
import { Reader, type Setting } from './read.ts';
import { checkRules } from './rules.ts';
import { type Addresses, substitute } from './substitute.ts';

export interface UserData {
  kind: 'empty' | 'cloud-config' | 'script' | 'ignition' | 'unknown';
  /** What was understood. */
  config: CloudConfig;
  /** Nothing is wrong when there are none. */
  findings: Finding[];
  /** The keys that were understood, in the order of the file. */
  settings: Setting[];
}

const fileBytesMax = 1024 * 1024;
const hints = new Hints(cloudConfig.fields);

/** Without `addresses` a file is read as it is; with them `$public_ipv4` and its like are replaced first. */
export function parseUserData(bytes: Buffer | string, addresses?: Addresses): UserData {
  let text: string;
  try {
    text = textOf(Buffer.from(bytes));
  } catch (e) {
    return nothing('unknown', [{ line: 1, kind: 'error', key: '', message: (e as Error).message }]);
  }
  const kind = kindOf(text);
  if (kind === 'unknown') {
    const message = 'must be "#cloud-config" or begin with "#!"';
    return nothing(kind, [{ line: 1, kind: 'error', key: '', message }]);
  }
  if (kind !== 'cloud-config') return nothing(kind);
  return parseCloudConfig(addresses ? substitute(text, addresses) : text);
}

const nothing = (kind: UserData['kind'], findings: Finding[] = []): UserData => {
  return { kind, config: {}, findings, settings: [] };
};

function textOf(bytes: Buffer): string {
  if (bytes.length > fileBytesMax) throw new Error(`the file is larger than ${fileBytesMax} bytes`);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString();
  try {
    return unzip(bytes).toString();
  } catch {
    throw new Error('the file cannot be unpacked by gzip');
  }
}

/** By the first line, as the original tells them apart. */
function kindOf(text: string): UserData['kind'] {
  if (text === '') return 'empty';
  const first = text.split('\n', 1)[0]!;
  if (first.trimEnd() === '#cloud-config') return 'cloud-config';
  if (first.startsWith('#!')) return 'script';
  try {
    const json = JSON.parse(text) as { ignitionVersion?: unknown; ignition?: { version?: unknown } } | null;
    if (json?.ignitionVersion || json?.ignition?.version) return 'ignition';
  } catch {
    // Not JSON.
  }
  return 'unknown';
}

function parseCloudConfig(text: string): UserData {
  const counter = new LineCounter();
  const lineAt = (offset: number) => counter.linePos(offset).line;
  const documents = [
    ...parseAllDocuments(text, {
      // As the original reads it: `yes` is true, equal keys are no error. Dates are text.
      version: '1.1',
      uniqueKeys: false,
      customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp')),
      lineCounter: counter,
      prettyErrors: false,
    }),
  ] as YamlDocument[];
  const [document, second] = documents;
  const bad = document?.errors[0];
  if (bad) {
    const message = bad.message.split(' at line ')[0]!;
    return nothing('cloud-config', [{ line: lineAt(bad.pos[0]), kind: 'error', key: '', message }]);
  }
  // The first line alone is a file that asks for nothing.
  if (!document?.contents) return nothing('cloud-config');

  const reader = new Reader(document, (node) => lineAt(node.range?.[0] ?? 0), hints);
  let config: CloudConfig;
  try {
    config = (reader.read(cloudConfig, document.contents, '', lineAt(document.contents.range?.[0] ?? 0)) ??
      {}) as CloudConfig;
  } catch (e) {
    return nothing('cloud-config', [{ line: 1, kind: 'error', key: '', message: (e as Error).message }]);
  }
  const { findings, settings } = reader;
  if (second) {
    const line = lineAt(second.range?.[0] ?? 0);
    findings.push({ line, kind: 'warning', key: '', message: 'only the first document is read' });
  }
  findings.push(...checkRules(config, lineFinder(reader.lines)));
  findings.sort((a, b) => a.line - b.line);
  settings.sort((a, b) => a.line - b.line);
  return { kind: 'cloud-config', config, findings, settings };
}

/** Of a key, or of the nearest one above it that stands in the file. */
function lineFinder(lines: ReadonlyMap<string, number>): (key: string) => number {
  return (key) => {
    for (let at = key; at; at = at.replace(/(\.[^.[]*|\[\d+\]|^[^.[]*)$/, '')) {
      const line = lines.get(at);
      if (line !== undefined) return line;
    }
    return 1;
  };
}
