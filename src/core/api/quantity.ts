/**
 * Amounts of resources: `100m`, `1.5`, `1Gi`, `12e6` (apimachinery pkg/api/resource). Exact: a bigint of billionths,
 * since nano is the finest precision the API keeps; finer input rounds away from zero.
 */

export interface Quantity {
  readonly nano: bigint;
  /** How it was written, which formatting keeps. */
  readonly family: 'decimal' | 'binary' | 'exponent';
}

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const unit = 10n ** 9n;
/** Larger amounts are cut to this one, as the original does. */
const largest = (2n ** 63n - 1n) * unit;
/** Far more digits than any amount in range has. */
const lengthMax = 128;

/** Undefined when `text` is not a quantity. */
export function parseQuantity(text: string): Quantity | undefined {
  if (text.length > lengthMax) return undefined;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d{1,9})|([KMGTPE]i)|([numkMGTPE]))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent, binary, decimal = ''] = match;
  if (whole === '' && fraction === '') return undefined;

  const digits = BigInt(whole + fraction);
  let nano: bigint;
  if (binary) {
    nano = divideUp(digits * 1024n ** BigInt(binarySuffixes.indexOf(binary)) * unit, 10n ** BigInt(fraction.length));
  } else {
    const power = exponent ? Number(exponent.slice(1)) : 3 * (decimalSuffixes.indexOf(decimal) - 3);
    nano = shift(digits, power + 9 - fraction.length);
  }
  if (nano > largest) nano = largest;
  return {
    nano: sign === '-' ? -nano : nano,
    family: binary ? 'binary' : exponent ? 'exponent' : 'decimal',
  };
}

/** digits × 10^power for digits ≥ 0, without ever building a number of absurd size. */
function shift(digits: bigint, power: number): bigint {
  if (digits === 0n) return 0n;
  if (power >= 0) return power > 30 ? largest : digits * 10n ** BigInt(power);
  return -power > lengthMax ? 1n : divideUp(digits, 10n ** BigInt(-power));
}

const divideUp = (a: bigint, b: bigint) => (a + b - 1n) / b;

/** The canonical text: no fraction, the largest suffix of its family that leaves a whole number. */
export function formatQuantity({ nano, family }: Quantity): string {
  if (nano === 0n) return '0';
  if (family === 'binary' && nano % unit === 0n && (nano >= 1024n * unit || nano <= -1024n * unit)) {
    const [mantissa, steps] = takeFactors(nano / unit, 1024n, binarySuffixes.length - 1);
    return `${mantissa}${binarySuffixes[steps]}`;
  }
  const [mantissa, steps] = takeFactors(nano, 1000n, decimalSuffixes.length - 1);
  if (family !== 'exponent') return `${mantissa}${decimalSuffixes[steps]}`;
  return steps === 3 ? `${mantissa}` : `${mantissa}e${3 * (steps - 3)}`;
}

function takeFactors(n: bigint, factor: bigint, max: number): [bigint, number] {
  let steps = 0;
  while (steps < max && n % factor === 0n) {
    n /= factor;
    steps++;
  }
  return [n, steps];
}

/** The canonical form of a quantity, or undefined when `text` is none. */
export function canonicalQuantity(text: string): string | undefined {
  // Three digits or fewer that begin with no zero have no factor of 1000 or 1024 to move into the suffix, and up to P
  // they are in range.
  if (/^[1-9]\d{0,2}(?:[numkMGTP]|[KMGTP]i)?$/.test(text)) return text;
  const quantity = parseQuantity(text);
  return quantity && formatQuantity(quantity);
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string, b: string): number {
  const [x, y] = [nanoOf(a), nanoOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Whole units, rounded up: bytes of memory, number of pods. Exact up to 2^53. */
export function value(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number(ceil(nanoOf(text), unit));
}

/** Thousandths, rounded up: cpu. */
export function milliValue(text: string): number {
  return /^\d{1,15}m$/.test(text) ? Number(text.slice(0, -1)) : Number(ceil(nanoOf(text), unit / 1000n));
}

function nanoOf(text: string): bigint {
  const quantity = parseQuantity(text);
  if (!quantity) throw new RangeError(`${JSON.stringify(text)} is not a quantity`);
  return quantity.nano;
}

const ceil = (a: bigint, b: bigint) => (a > 0n ? divideUp(a, b) : a / b);
