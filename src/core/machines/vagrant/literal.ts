/** Ruby's literals: text, numbers, true, false, nil, symbols, arrays, hashes. Reads them; runs nothing. */

export type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal };

/** What stands at the end of a literal is the reader's business. */
export interface Read {
  value: Literal;
  end: number;
}

/** Undefined when no literal stands at `start`; `globals` are for `#{$name}` in text. */
export function readLiteral(
  text: string,
  start: number,
  globals: ReadonlyMap<string, Literal>,
  depth = 0,
): Read | undefined {
  if (depth > depthMax) return undefined;
  const at = skipBlank(text, start);
  const opening = text[at];
  if (opening === '"' || opening === "'") return readText(text, at, globals);
  if (opening === '[') return readArray(text, at, globals, depth);
  if (opening === '{') return readHash(text, at, globals, depth);
  const word = /^(?:-?\d[\d_]*(?:\.\d+)?|:?[A-Za-z_]\w*)(?![\w.?!([{])/.exec(text.slice(at))?.[0];
  if (word === undefined) return undefined;
  const value = wordValue(word);
  return value === undefined ? undefined : { value, end: at + word.length };
}

const depthMax = 8;

function wordValue(word: string): Literal | undefined {
  if (/^-?\d/.test(word)) return Number(word.replaceAll('_', ''));
  if (word.startsWith(':')) return word.slice(1);
  return { true: true, false: false, nil: null }[word];
}

/** Past blanks, line ends and comments. */
function skipBlank(text: string, start: number): number {
  return start + /^(?:\s|#[^\n]*)*/.exec(text.slice(start))![0].length;
}

function readText(text: string, start: number, globals: ReadonlyMap<string, Literal>): Read | undefined {
  const quote = text[start]!;
  let value = '';
  for (let i = start + 1; i < text.length; i++) {
    const char = text[i]!;
    if (char === quote) return { value, end: i + 1 };
    if (char === '\n') return undefined;
    if (char === '\\') {
      value += escaped(text[++i] ?? '', quote);
    } else if (quote === '"' && text.startsWith('#{', i)) {
      const name = /^#\{\s*(\$\w+)\s*\}/.exec(text.slice(i));
      const global = name && globals.get(name[1]!);
      // Anything else in the braces is code.
      if (!name || global === undefined || typeof global === 'object') return undefined;
      value += String(global);
      i += name[0].length - 1;
    } else {
      value += char;
    }
  }
  return undefined;
}

function escaped(char: string, quote: string): string {
  if (quote === "'") return char === "'" || char === '\\' ? char : `\\${char}`;
  return { n: '\n', t: '\t' }[char] ?? char;
}

function readArray(text: string, start: number, globals: ReadonlyMap<string, Literal>, depth: number) {
  const value: Literal[] = [];
  for (let at = skipBlank(text, start + 1); ; ) {
    if (text[at] === ']') return { value, end: at + 1 };
    const item = readLiteral(text, at, globals, depth + 1);
    if (!item) return undefined;
    value.push(item.value);
    at = skipBlank(text, item.end);
    if (text[at] === ',') at = skipBlank(text, at + 1);
    else if (text[at] !== ']') return undefined;
  }
}

/** `{ 'a' => 1, b: 2 }`. */
function readHash(text: string, start: number, globals: ReadonlyMap<string, Literal>, depth: number) {
  const value: [string, Literal][] = [];
  for (let at = skipBlank(text, start + 1); ; ) {
    if (text[at] === '}') return { value: Object.fromEntries(value), end: at + 1 };
    const key = readKey(text, at, globals, depth);
    const item = key && readLiteral(text, key.end, globals, depth + 1);
    if (!item) return undefined;
    value.push([String(key.value), item.value]);
    at = skipBlank(text, item.end);
    if (text[at] === ',') at = skipBlank(text, at + 1);
    else if (text[at] !== '}') return undefined;
  }
}

function readKey(text: string, at: number, globals: ReadonlyMap<string, Literal>, depth: number): Read | undefined {
  const short = /^([A-Za-z_]\w*):(?!:)/.exec(text.slice(at));
  if (short) return { value: short[1]!, end: at + short[0].length };
  const key = readLiteral(text, at, globals, depth + 1);
  if (!key) return undefined;
  const arrow = skipBlank(text, key.end);
  return text.startsWith('=>', arrow) ? { value: key.value, end: arrow + 2 } : undefined;
}
