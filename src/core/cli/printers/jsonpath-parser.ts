/** kubectl's JSONPath templates, read into a tree: text, `{path}` and `{range path}…{end}`. */
import { UsageError } from '../errors.ts';

export type Step =
  | { type: 'field'; name: string }
  | { type: 'wildcard' }
  | { type: 'recursive' }
  | { type: 'slice'; start?: number; end?: number; step: number }
  | { type: 'index'; index: number }
  | { type: 'union'; steps: Step[] }
  | { type: 'filter'; left: Operand; operator: Operator | undefined; right: Operand | undefined };

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';
/** `from` is `$`, the whole document, or `@`, the value at hand. */
export interface Path {
  from: '$' | '@';
  steps: Step[];
}
export type Operand = Path | { literal: string | number | boolean };

export type Node = { type: 'text'; text: string } | { type: 'path'; path: Path } | Range;
export interface Range {
  type: 'range';
  path: Path;
  body: Node[];
}

/** Throws a UsageError that quotes the template. */
export function parseTemplate(template: string): Node[] {
  return new Parser(template).template();
}

/** One path without braces or leading dot needed: `.metadata.name`, `metadata.name`, `{.metadata.name}` (kubectl get). */
export function parseRelaxedPath(text: string): Path {
  const inner = /^\{(.*)\}$/s.exec(text)?.[1] ?? text;
  if (inner === '' || /[{}]/.test(inner)) {
    throw new UsageError(`"${text}" is not a path such as .metadata.name`);
  }
  const [node] = parseTemplate(`{${/^[.$@[]/.test(inner) ? '' : '.'}${inner}}`);
  if (node?.type !== 'path') throw new UsageError(`"${text}" is not a path such as .metadata.name`);
  return node.path;
}

/** Ends a field name unless it stands behind a backslash. */
const endsName = /[\s.[\]{}()'",=!<>|&]/;
const operators: readonly Operator[] = ['==', '!=', '<=', '>=', '<', '>'];

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  template(): Node[] {
    const nodes = this.#nodes(false);
    if (this.#at < this.#text.length) this.#fail('{end} without {range}');
    return nodes;
  }

  #nodes(insideRange: boolean): Node[] {
    const nodes: Node[] = [];
    while (this.#at < this.#text.length) {
      const brace = this.#text.indexOf('{', this.#at);
      const text = this.#text.slice(this.#at, brace < 0 ? undefined : brace);
      if (text) nodes.push({ type: 'text', text });
      if (brace < 0) {
        this.#at = this.#text.length;
        break;
      }
      this.#at = brace + 1;
      this.#spaces();
      if (/^end\s*\}/.test(this.#rest())) {
        if (insideRange) this.#at += this.#rest().indexOf('}') + 1;
        else this.#at = brace;
        return nodes;
      }
      nodes.push(this.#action());
    }
    if (insideRange) this.#fail('{range} without {end}');
    return nodes;
  }

  #action(): Node {
    const isRange = /^range\b/.test(this.#rest());
    if (isRange) this.#at += 'range'.length;
    this.#spaces();
    const quote = this.#rest()[0];
    if (!isRange && (quote === '"' || quote === "'")) {
      const text = this.#quoted();
      this.#spaces();
      this.#expect('}');
      return { type: 'text', text };
    }
    const path = this.#path('@');
    this.#spaces();
    this.#expect('}');
    return isRange ? { type: 'range', path, body: this.#nodes(true) } : { type: 'path', path };
  }

  #path(from: '$' | '@'): Path {
    const sign = this.#rest()[0];
    if (sign === '$' || sign === '@') this.#at++;
    const steps: Step[] = [];
    for (;;) {
      const c = this.#rest()[0];
      if (c === '.') this.#dot(steps);
      else if (c === '[') steps.push(this.#bracket());
      else break;
    }
    if (steps.length === 0 && sign !== '$' && sign !== '@') {
      this.#fail(`unexpected "${this.#rest().slice(0, 10)}", a path starts with "."`);
    }
    return { from: sign === '$' ? '$' : from, steps };
  }

  #dot(steps: Step[]): void {
    this.#at++;
    if (this.#rest().startsWith('.')) {
      this.#at++;
      steps.push({ type: 'recursive' });
    }
    if (this.#rest().startsWith('*')) {
      this.#at++;
      steps.push({ type: 'wildcard' });
    } else if (!this.#rest().startsWith('[')) {
      const name = this.#name();
      if (name) steps.push({ type: 'field', name });
    }
  }

  #name(): string {
    let name = '';
    while (this.#at < this.#text.length && !endsName.test(this.#text[this.#at]!)) {
      if (this.#text[this.#at] === '\\') this.#at++;
      name += this.#text[this.#at++] ?? '';
    }
    return name;
  }

  #bracket(): Step {
    this.#expect('[');
    this.#spaces();
    if (this.#rest().startsWith('?(')) return this.#filter();
    const steps = [this.#bracketItem()];
    while (this.#rest().startsWith(',')) {
      this.#at++;
      this.#spaces();
      steps.push(this.#bracketItem());
    }
    this.#expect(']');
    return steps.length === 1 ? steps[0]! : { type: 'union', steps };
  }

  #bracketItem(): Step {
    const rest = this.#rest();
    let step: Step;
    const numbers = /^(-?\d*)(?::(-?\d*)(?::(-?\d*))?)?/.exec(rest)!;
    if (rest[0] === '"' || rest[0] === "'") {
      step = { type: 'field', name: this.#quoted() };
    } else if (rest.startsWith('*')) {
      this.#at++;
      step = { type: 'wildcard' };
    } else if (numbers[0]) {
      this.#at += numbers[0].length;
      step = this.#numbers(numbers);
    } else {
      return this.#fail(`"[${rest.slice(0, 10)}" is no index, slice, name or filter`);
    }
    this.#spaces();
    return step;
  }

  #numbers([all, start, end, step]: RegExpExecArray): Step {
    if (!all!.includes(':')) return { type: 'index', index: Number(start) };
    const stride = step ? Number(step) : 1;
    if (stride <= 0) this.#fail('the step of a slice must be above 0');
    return {
      type: 'slice',
      ...(start ? { start: Number(start) } : {}),
      ...(end ? { end: Number(end) } : {}),
      step: stride,
    };
  }

  #filter(): Step {
    this.#at += '?('.length;
    const left = this.#operand();
    this.#spaces();
    const operator = operators.find((o) => this.#rest().startsWith(o));
    if (operator) this.#at += operator.length;
    const right = operator && this.#operand();
    this.#spaces();
    this.#expect(')');
    this.#expect(']');
    return { type: 'filter', left, operator, right };
  }

  #operand(): Operand {
    this.#spaces();
    const rest = this.#rest();
    if (rest[0] === '"' || rest[0] === "'") return { literal: this.#quoted() };
    const word = /^(true|false|[-+]?\d+(\.\d+)?)\b/.exec(rest)?.[0];
    if (word === undefined) return this.#path('@');
    this.#at += word.length;
    return { literal: word === 'true' ? true : word === 'false' ? false : Number(word) };
  }

  /** A string in either quotes, with Go's usual escapes. */
  #quoted(): string {
    const quote = this.#text[this.#at++]!;
    const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' };
    let out = '';
    for (; this.#at < this.#text.length; this.#at++) {
      const c = this.#text[this.#at]!;
      if (c === quote) {
        this.#at++;
        return out;
      }
      if (c === '\\') {
        const next = this.#text[++this.#at] ?? '';
        out += escapes[next] ?? next;
      } else out += c;
    }
    return this.#fail(`no closing ${quote}`);
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }
  #spaces(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
  #expect(c: string): void {
    if (this.#text[this.#at] !== c) {
      const found = this.#text[this.#at];
      this.#fail(found === undefined ? `no closing "${c}"` : `expected "${c}" before "${this.#rest().slice(0, 10)}"`);
    }
    this.#at++;
  }
  #fail(why: string): never {
    throw new UsageError(`error parsing jsonpath ${this.#text}: ${why}`);
  }
}
