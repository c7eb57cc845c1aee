/**
 * Amounts of resources in v1beta1 and v1beta2: whole numbers, and cpu as a decimal number of cores in a string. The
 * suffixes of v1 (`500m`, `64Mi`) came with v1beta3 and are refused here, as they were.
 */
import { isObject } from '../decode-errors.ts';
import { formatQuantity, parseQuantity } from '../quantity.ts';
import { setOwn } from '../scalars.ts';
import { badRequest } from '../status.ts';
import { type Members, type Pair, same } from './pair.ts';
import { isInline, type OlderVersion } from './version.ts';

const unit = 10n ** 9n;
const milli = unit / 1000n;

/** Resource name → amount, such as a node's capacity. */
export const resourceList: Pair = {
  encode: (value) => convert(value, encodeAmount),
  decode: (old) => convert(old, decodeAmount),
};

/** As a struct of the version holds it. */
export const amountsOf = (version: OlderVersion): Pair => (isInline(version) ? resourceList : same);

function convert(amounts: unknown, each: (name: string, amount: unknown) => unknown): unknown {
  if (!isObject(amounts)) return amounts;
  const out: Members = {};
  for (const [name, amount] of Object.entries(amounts)) setOwn(out, name, each(name, amount));
  return out;
}

function encodeAmount(name: string, amount: unknown): unknown {
  const nano = nanoOf(amount);
  if (nano === undefined) return amount;
  return name === 'cpu' ? cores(divideUp(nano, milli)) : number(divideUp(nano, unit));
}

function decodeAmount(name: string, amount: unknown): string {
  const text = Number.isInteger(amount) ? String(amount) : amount;
  const form = name === 'cpu' ? /^[+-]?\d+(\.\d+)?$/ : /^[+-]?\d+$/;
  const nano = typeof text === 'string' && form.test(text) ? nanoOf(text) : undefined;
  if (nano === undefined) {
    throw badRequest(
      `${name}: ${JSON.stringify(amount)} is not an amount: before v1beta3 amounts are whole numbers, or "0.5" in quotes for cpu`,
    );
  }
  if (name === 'cpu') return formatQuantity({ nano: nano - (nano % milli), family: 'decimal' });
  return formatQuantity({ nano, family: name === 'memory' ? 'binary' : 'decimal' });
}

/** The `cpu` of a container: thousandths of a core. Undefined when it has none. */
export const encodeMilliCores = (amount: unknown) => encodeCount(amount, milli);

export function decodeMilliCores(cpu: unknown): string | undefined {
  const nano = BigInt(wholeNumber('cpu', cpu)) * milli;
  return nano ? formatQuantity({ nano, family: 'decimal' }) : undefined;
}

/** The `memory` of a container: bytes. Undefined when it has none. */
export const encodeBytes = (amount: unknown) => encodeCount(amount, unit);

export function decodeBytes(memory: unknown): string | undefined {
  const nano = BigInt(wholeNumber('memory', memory)) * unit;
  return nano ? formatQuantity({ nano, family: 'binary' }) : undefined;
}

/** Left out where it would not be exact: `resources` tells it. */
function encodeCount(amount: unknown, of: bigint): number | undefined {
  const count = Number(divideUp(nanoOf(amount) ?? 0n, of));
  return count && Number.isSafeInteger(count) ? count : undefined;
}

const nanoOf = (amount: unknown) => (typeof amount === 'string' ? parseQuantity(amount)?.nano : undefined);

function wholeNumber(name: string, value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (Number.isSafeInteger(value)) return value as number;
  throw badRequest(`${name}: ${JSON.stringify(value)} is not a whole number`);
}

/** Away from zero, as the API rounds what is too fine. */
function divideUp(a: bigint, b: bigint): bigint {
  return a < 0n ? -divideUp(-a, b) : (a + b - 1n) / b;
}

/** As text where numbers of JSON are not exact any more; both are read. */
function number(whole: bigint): number | string {
  const value = Number(whole);
  return Number.isSafeInteger(value) ? value : String(whole);
}

/** `0.25`, `4`. */
function cores(thousandths: bigint): string {
  const digits = String(thousandths < 0n ? -thousandths : thousandths).padStart(4, '0');
  const fraction = digits.slice(-3).replace(/0+$/, '');
  return `${thousandths < 0n ? '-' : ''}${digits.slice(0, -3)}${fraction && `.${fraction}`}`;
}
