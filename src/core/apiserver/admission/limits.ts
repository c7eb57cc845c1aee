/** One item of a limit range against what is asked for, in the words of kubernetes. */
import { type Amounts, formatAmount, nanoOf } from '../../api/quota.ts';
import type { LimitRangeItem } from '../../api/types/limit-range.ts';

export interface Asked {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** A sentence for each bound that does not hold. */
export function broken(item: LimitRangeItem, asked: Asked): string[] {
  return [...tooLittle(item, asked), ...tooMuch(item, asked), ...tooFarApart(item, asked)];
}

function tooLittle({ type, min }: LimitRangeItem, { requests, limits }: Asked): string[] {
  return bounds(min).flatMap(([name, bound]) => {
    const least = `minimum ${name} usage per ${type} is ${bound}`;
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request === undefined) return [`${least}.  No request is specified`];
    if (request < nanoOf(bound)) return [`${least}, but request is ${formatAmount(name, request)}`];
    if (limit !== undefined && limit < nanoOf(bound)) return [`${least}, but limit is ${formatAmount(name, limit)}`];
    return [];
  });
}

function tooMuch({ type, max }: LimitRangeItem, { requests, limits }: Asked): string[] {
  return bounds(max).flatMap(([name, bound]) => {
    const most = `maximum ${name} usage per ${type} is ${bound}`;
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (limit === undefined) return [`${most}.  No limit is specified`];
    if (limit > nanoOf(bound)) {
      const what = type === 'PersistentVolumeClaim' ? 'request' : 'limit';
      return [`${most}, but ${what} is ${formatAmount(name, limit)}`];
    }
    if (request !== undefined && request > nanoOf(bound)) {
      return [`${most}, but request is ${formatAmount(name, request)}`];
    }
    return [];
  });
}

function tooFarApart({ type, maxLimitRequestRatio }: LimitRangeItem, { requests, limits }: Asked): string[] {
  return bounds(maxLimitRequestRatio).flatMap(([name, bound]) => {
    const most = `${name} max limit to request ratio per ${type} is ${bound}`;
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (!request) return [`${most}, but no request is specified or request is 0`];
    if (!limit) return [`${most}, but no limit is specified or limit is 0`];
    // limit / request > bound, without rounding.
    if (limit * 10n ** 9n <= nanoOf(bound) * request) return [];
    return [`${most}, but provided ratio is ${(Number(limit) / Number(request)).toFixed(6)}`];
  });
}

const bounds = (amounts: Readonly<Record<string, string>> = {}) =>
  Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1));
