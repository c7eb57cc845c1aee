/** Evaluates kubectl's JSONPath dialect: `{.items[?(@.status.phase=="Running")].metadata.name}`. */
import { CliError } from '../errors.ts';
import { type Node, type Operand, type Operator, type Path, parseTemplate, type Step } from './jsonpath-parser.ts';
import { sortKeys } from './structured.ts';

/** A template made ready to print any number of objects. Missing fields print nothing, as with `kubectl get`. */
export function jsonpathPrinter(template: string): (object: unknown) => string {
  const nodes = parseTemplate(template);
  return (object) => print(nodes, object, object);
}

/** All values a path leads to. */
export function valuesAt(path: Path, root: unknown, at: unknown = root): unknown[] {
  let values = [path.from === '$' ? root : at];
  for (const step of path.steps) values = values.flatMap((value) => take(step, value, root));
  return values;
}

function print(nodes: readonly Node[], root: unknown, at: unknown): string {
  let out = '';
  for (const node of nodes) {
    if (node.type === 'text') out += node.text;
    else if (node.type === 'path') out += valuesAt(node.path, root, at).map(toText).join(' ');
    else for (const value of valuesAt(node.path, root, at)) out += print(node.body, root, value);
  }
  return out;
}

/** Strings as they are, maps and lists as JSON. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(sortKeys(value));
}

function take(step: Step, value: unknown, root: unknown): unknown[] {
  switch (step.type) {
    case 'field':
      return isMap(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'wildcard':
      return children(value);
    case 'recursive':
      return [value, ...children(value).flatMap((child) => take(step, child, root))];
    case 'union':
      return step.steps.flatMap((s) => take(s, value, root));
    case 'index':
      return [elementAt(value, step.index)];
    case 'slice':
      return slice(value, step);
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => holds(step, item, root)) : [];
  }
}

function elementAt(value: unknown, index: number): unknown {
  const list = asList(value);
  const at = index < 0 ? list.length + index : index;
  if (at < 0 || at >= list.length) {
    throw new CliError(`array index out of bounds: index ${index}, length ${list.length}`);
  }
  return list[at];
}

function slice(value: unknown, { start, end, step }: Extract<Step, { type: 'slice' }>): unknown[] {
  return asList(value)
    .slice(start, end)
    .filter((_, i) => i % step === 0);
}

function asList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new CliError(`${toText(value ?? null)} is not a list`);
  return value;
}

function holds(filter: Extract<Step, { type: 'filter' }>, item: unknown, root: unknown): boolean {
  const [left] = operandValues(filter.left, item, root);
  if (!filter.operator || !filter.right) return left !== undefined;
  const [right] = operandValues(filter.right, item, root);
  if (left === undefined || right === undefined) return false;
  return compare(left, filter.operator, right);
}

function operandValues(operand: Operand, item: unknown, root: unknown): unknown[] {
  return 'literal' in operand ? [operand.literal] : valuesAt(operand, root, item);
}

function compare(left: unknown, operator: Operator, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false;
  const order = left < (right as typeof left) ? -1 : left > (right as typeof left) ? 1 : 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isMap(value) ? Object.values(value) : [];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
