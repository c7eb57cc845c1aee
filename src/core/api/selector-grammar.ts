/**
 * The grammar of label selector queries (apimachinery pkg/labels): requirements joined by commas, each `k=v`, `k==v`,
 * `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k`, `!k`, `k>n` or `k<n`. Blanks between tokens do not count.
 */
import { badRequest, causeMessage } from './status.ts';
import { invalidBecause } from './validation/errors.ts';
import { labelValueProblems, qualifiedNameProblems } from './validation/names.ts';

/** `=` and `!=` are `in` and `notin` with one value, kept apart for how they are written. */
export interface Requirement {
  key: string;
  operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';
  values: readonly string[];
}

const end = '';
const operators = new Set(['=', '==', '!=', 'in', 'notin', '>', '<']);
/** Tokens that cannot be a key or a value. */
const symbols = new Set(['=', '==', '!=', '>', '<', '!', '(', ')', ',', end]);

export function parseLabelRequirements(text: string): Requirement[] {
  return new Parser(text).requirements();
}

class Parser {
  readonly #tokens: string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
  }

  get #token(): string {
    return this.#tokens[this.#next] ?? end;
  }
  #take(): string {
    return this.#tokens[this.#next++] ?? end;
  }

  requirements(): Requirement[] {
    const out: Requirement[] = [];
    if (this.#token === end) return out;
    if (symbols.has(this.#token) && this.#token !== '!') {
      throw badRequest(`found '${this.#token}', expected: !, identifier, or 'end of string'`);
    }
    for (;;) {
      out.push(this.#requirement());
      const separator = this.#take();
      if (separator === end) return out;
      if (separator !== ',') throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
      if (symbols.has(this.#token) && this.#token !== '!') {
        throw badRequest(`found '${this.#token}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): Requirement {
    const absent = this.#token === '!';
    if (absent) this.#next++;
    const key = this.#take();
    if (symbols.has(key)) throw wrong(`found '${key}', expected: identifier`);
    check('key', key, qualifiedNameProblems(key));
    if (absent) return { key, operator: '!', values: [] };
    if (this.#token === end || this.#token === ',') return { key, operator: 'exists', values: [] };

    const operator = this.#take();
    if (!operators.has(operator)) throw wrong(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    const values = operator === 'in' || operator === 'notin' ? this.#list(key) : [this.#value()];
    if (operator === '>' || operator === '<') {
      const notWhole = /^[+-]?\d+$/.test(values[0]!) ? [] : ["for 'Gt', 'Lt' operators, the value must be an integer"];
      check(`values[0][${key}]`, values[0]!, notWhole);
    } else {
      for (const [i, value] of values.entries()) check(`values[${i}][${key}]`, value, labelValueProblems(value));
    }
    return { key, operator: operator === '==' ? '=' : (operator as Requirement['operator']), values };
  }

  /** The value after `=`; nothing there is the empty value. */
  #value(): string {
    if (this.#token === end || this.#token === ',') return '';
    const value = this.#take();
    if (symbols.has(value)) throw wrong(`found '${value}', expected: identifier`);
    return value;
  }

  /** `(a,b)`; an empty place is the empty value. */
  #list(key: string): string[] {
    const open = this.#take();
    if (open !== '(') throw wrong(`found '${open}' expected: '('`);
    if (this.#token === ')')
      throw wrong(`values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty (label ${key})`);
    const values = new Set<string>();
    for (;;) {
      const value = this.#token === ',' || this.#token === ')' ? '' : this.#take();
      if (symbols.has(value) && value !== end) throw wrong(`found '${value}', expected: ',', or ')'`);
      values.add(value);
      const separator = this.#take();
      if (separator === ')') return [...values];
      if (separator !== ',') throw wrong(`found '${separator}', expected: ',' or ')'`);
    }
  }
}

const wrong = (why: string) => badRequest(`unable to parse requirement: ${why}`);

function check(field: string, value: string, problems: readonly string[]): void {
  const errors = invalidBecause(field, value, problems);
  if (errors.length) throw wrong(errors.map((e) => `${e.field}: ${causeMessage(e)}`).join(', '));
}
