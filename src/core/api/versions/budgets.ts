/** Limit ranges and resource quotas: what the objects of a namespace may ask for. */
import { amountsOf } from './amounts.ts';
import { list, type Pair, same, struct } from './pair.ts';
import type { OlderVersion } from './version.ts';

export function limitRange(version: OlderVersion): Pair {
  const amounts = amountsOf(version);
  const item = struct({ type: same, max: amounts, min: amounts, default: amounts });
  return struct({ spec: struct({ limits: list(item) }) });
}

export function resourceQuota(version: OlderVersion): Pair {
  const amounts = amountsOf(version);
  return struct({ spec: struct({ hard: amounts }), status: struct({ hard: amounts, used: amounts }) });
}
