/** Walks a YAML document along the schema: the value, what is wrong, and which keys are there. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Finding } from './findings.ts';
import type { Hints } from './hints.ts';
import type { Field, Fields } from './schema.ts';

/**
 * A wish of the file that was understood, and where it stands: an option such as `coreos.etcd.discovery`, or a whole item
 * such as `write_files[0]`.
 */
export interface Setting {
  key: string;
  line: number;
}

export class Reader {
  readonly findings: Finding[] = [];
  readonly settings: Setting[] = [];
  /** Of every key and every item of a list. */
  readonly lines = new Map<string, number>();
  readonly #document: Document;
  readonly #lineAt: (node: Node) => number;
  readonly #hints: Hints;
  #nodes = 0;
  #aliases: ReadonlyMap<Alias, Node> | undefined;

  constructor(document: Document, lineAt: (node: Node) => number, hints: Hints) {
    this.#document = document;
    this.#lineAt = lineAt;
    this.#hints = hints;
  }

  /** Undefined when the node is not what the field wants; `line` is the key's. */
  read(field: Field, written: Node | null, key: string, line: number): unknown {
    // Aliases of aliases make a small file endless.
    if (++this.#nodes > nodesMax) throw new Error(`more than ${nodesMax} values`);
    const node = isAlias(written) ? (this.#targets().get(written) ?? null) : written;
    switch (field.type) {
      case 'struct':
        return isMap(node) ? this.#map(field.fields, node, key) : this.#wrongType(field, key, line);
      case '[]struct':
        return isSeq(node) ? this.#structs(field.fields, node.items as Node[], key) : this.#wrongType(field, key, line);
      case '[]string':
        return isSeq(node) ? this.#strings(node.items as Node[], key) : this.#wrongType(field, key, line);
      case 'string':
        return this.#text(field, node, key, line);
      default:
        return this.#plain(field, node, key, line);
    }
  }

  /** What each alias stands for, found in one walk: the library walks the document for each. */
  #targets(): ReadonlyMap<Alias, Node> {
    this.#aliases ??= aliasesOf(this.#document);
    return this.#aliases;
  }

  #map(fields: Fields, map: YAMLMap, key: string): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const written = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const line = this.#lineAt(pair.key);
      const name = written.replaceAll('-', '_');
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      const at = key ? `${key}.${name}` : name;
      if (!field) {
        const message = `unrecognized key "${written}"`;
        this.findings.push({ line, kind: 'warning', key, message, hint: this.#hints.unknown(name, fields) });
        continue;
      }
      const read = this.read(field, pair.value, at, line);
      if (read === undefined) continue;
      value[name] = read;
      this.lines.set(at, line);
      if (!('fields' in field) && !at.includes('[')) this.settings.push({ key: at, line });
    }
    return value;
  }

  /** An item that is none keeps its place, so that the others keep their numbers. */
  #structs(fields: Fields, items: readonly Node[], key: string): unknown[] {
    return items.map((item, i) => {
      const [at, line] = [`${key}[${i}]`, this.#lineAt(item)];
      this.lines.set(at, line);
      if (!key.includes('[')) this.settings.push({ key: at, line });
      return this.read({ type: 'struct', fields }, item, at, line) ?? {};
    });
  }

  #strings(items: readonly Node[], key: string): unknown[] {
    const read = items.map((item, i) => this.read(textField, item, `${key}[${i}]`, this.#lineAt(item)));
    return read.filter((text) => text !== undefined);
  }

  /** Where text is wanted, what is written counts: 0644 and `off` are no number and no boolean there. */
  #text(field: Extract<Field, { type: 'string' }>, node: Node | null, key: string, line: number): unknown {
    if (!isScalar(node) || node.value === null) return this.#wrongType(field, key, line);
    const text = textOf(node);
    const { values, pattern, example = '' } = field;
    if (values?.includes(text) === false || pattern?.test(text) === false) {
      const hint = values ? `allowed: ${values.filter(Boolean).join(', ')}` : `such as ${example}`;
      this.findings.push({ line, kind: 'error', key, message: `invalid value ${text}`, hint });
      return undefined;
    }
    return text;
  }

  #plain(field: Field, node: Node | null, key: string, line: number): unknown {
    const value = isScalar(node) ? node.value : undefined;
    const fits = field.type === 'bool' ? typeof value === 'boolean' : typeof value === 'number';
    if (!fits || (field.type === 'int' && !Number.isInteger(value))) return this.#wrongType(field, key, line);
    return value;
  }

  #wrongType({ type }: Field, key: string, line: number): undefined {
    this.findings.push({ line, kind: 'warning', key, message: `incorrect type (want ${type})` });
    return undefined;
  }
}

/** An alias stands for the last anchor of its name before it. */
function aliasesOf(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, Node>();
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) aliases.set(node, target);
      } else if (node.anchor) {
        anchors.set(node.anchor, node);
      }
    },
  });
  return aliases;
}

const nodesMax = 100_000;
const textField = { type: 'string' } as const;

/** Plain scalars as they stand in the file; quoted and block ones as their text. */
function textOf(node: Scalar): string {
  if (typeof node.value === 'string') return node.value;
  return node.source ?? String(node.value);
}
