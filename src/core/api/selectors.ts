/** Label and field selectors: the query grammar, the LabelSelector object, and what matches. */
import type { Kind } from './kind.ts';
import type { KubeObject } from './object.ts';
import { parseLabelRequirements, type Requirement } from './selector-grammar.ts';
import { badRequest } from './status.ts';
import type { LabelSelector as LabelSelectorObject } from './types/meta.ts';

export type Labels = Readonly<Record<string, string>>;

/** Objects whose labels meet every requirement; no requirement matches everything. */
export class LabelSelector {
  readonly requirements: readonly Requirement[];
  constructor(requirements: readonly Requirement[]) {
    this.requirements = requirements;
  }

  get empty(): boolean {
    return this.requirements.length === 0;
  }

  matches(labels: Labels | undefined): boolean {
    return this.requirements.every((r) => meets(labels, r));
  }

  /** In the query grammar, sorted by key. */
  toString(): string {
    const sorted = [...this.requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return sorted.map(formatRequirement).join(',');
  }
}

export const everything = new LabelSelector([]);
/** What an absent LabelSelector object selects: no label has one of no values. */
export const nothing = new LabelSelector([{ key: '', operator: 'in', values: [] }]);

function meets(labels: Labels | undefined, { key, operator, values }: Requirement): boolean {
  const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
  }
  if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
  return operator === '>' ? BigInt(value) > BigInt(values[0]!) : BigInt(value) < BigInt(values[0]!);
}

function formatRequirement({ key, operator, values }: Requirement): string {
  if (operator === 'exists') return key;
  if (operator === '!') return `!${key}`;
  if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${[...values].sort().join(',')})`;
  return `${key}${operator}${values[0]}`;
}

/** Parses a labelSelector query; BadRequest says what was found and what is expected. */
export function parseLabelSelector(text: string): LabelSelector {
  return text.trim() === '' ? everything : new LabelSelector(parseLabelRequirements(text));
}

/** Exactly these labels: the selector of a replication controller or a service. */
export function selectorOfLabels(labels: Labels): LabelSelector {
  return new LabelSelector(Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] })));
}

const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const;

/** An absent selector object matches nothing, an empty one everything. */
export function selectorOf(object: LabelSelectorObject | undefined): LabelSelector {
  if (!object) return nothing;
  const { requirements } = selectorOfLabels(object.matchLabels ?? {});
  const expressions = (object.matchExpressions ?? []).map(
    ({ key, operator, values = [] }): Requirement => ({ key, operator: operators[operator], values }),
  );
  return new LabelSelector([...requirements, ...expressions]);
}

/** `a=1,b=2`, sorted by key; `<none>` when there are none. */
export function formatLabels(labels: Labels | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length ? pairs.map(([key, value]) => `${key}=${value}`).join(',') : '<none>';
}

export interface FieldRequirement<T> {
  path: string;
  equals: boolean;
  value: string;
  /** What the object has at `path`. */
  read(object: T): string;
}

/** Objects whose fields meet every requirement. */
class FieldSelector<T extends KubeObject = KubeObject> {
  readonly requirements: readonly FieldRequirement<T>[];
  constructor(requirements: readonly FieldRequirement<T>[]) {
    this.requirements = requirements;
  }

  get empty(): boolean {
    return this.requirements.length === 0;
  }

  matches(object: T): boolean {
    return this.requirements.every(({ equals, value, read }) => (read(object) === value) === equals);
  }

  /** The one value that `path` must have, for whoever keeps an index on it. */
  exact(path: string): string | undefined {
    return this.requirements.find((r) => r.equals && r.path === path)?.value;
  }

  toString(): string {
    return this.requirements
      .map((r) => `${r.path}${r.equals ? '=' : '!='}${r.value.replace(/[\\,=]/g, '\\$&')}`)
      .join(',');
  }
}

const metadataFields: Record<string, (object: KubeObject) => string> = {
  'metadata.name': (object) => object.metadata.name ?? '',
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

/** Parses a fieldSelector query against the fields the kind offers; BadRequest names the wrong part. */
export function parseFieldSelector<T extends KubeObject>(kind: Kind<T>, text: string): FieldSelector<T> {
  const fields = { ...metadataFields, ...kind.selectableFields };
  const requirements = splitTerms(text).map((term) => {
    const parsed = parseTerm(term, text);
    if (!Object.hasOwn(fields, parsed.path)) throw unknownField(kind, parsed.path);
    return { ...parsed, read: fields[parsed.path]! };
  });
  return new FieldSelector(requirements);
}

function unknownField(kind: Pick<Kind, 'plural'> & { selectableFields?: object }, path: string) {
  const own = Object.keys(kind.selectableFields ?? {});
  if (!own.length) {
    return badRequest(`"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
  const supported = [...Object.keys(metadataFields), ...own].join(', ');
  return badRequest(`field label not supported: ${path} (supported for ${kind.plural}: ${supported})`);
}

/** Splits at commas that no backslash hides; empty parts do not count. */
const splitTerms = (text: string): string[] => text.match(/(?:\\.|[^\\,]|\\$)+/gs) ?? [];

function parseTerm(term: string, selector: string): { path: string; equals: boolean; value: string } {
  const match = /^((?:\\.|[^\\=!]|!(?!=))*)(!=|==|=)(.*)$/s.exec(term);
  if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, path = '', operator, value = ''] = match;
  const wrongEscape = value.match(/\\.?/gs)?.find((pair) => !/^\\[\\,=]$/.test(pair));
  if (wrongEscape) throw badRequest(`invalid field selector: invalid escape sequence: ${wrongEscape}`);
  if (value.replace(/\\./gs, '').includes('=')) {
    throw badRequest('invalid field selector: unescaped character in value: =');
  }
  return { path, equals: operator !== '!=', value: value.replace(/\\(.)/gs, '$1') };
}
