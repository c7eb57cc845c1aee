/** The wishes that come with a DELETE, in its body or its query. */
import { isObject, typeOf } from '../../api/decode-errors.ts';
import type { RequestOptions } from '../../api/request.ts';
import { badRequest, invalid } from '../../api/status.ts';
import { invalidValue, notSupported } from '../../api/validation/errors.ts';
import { isTrue } from '../../client/query.ts';
import { dryRun } from './query.ts';

type Policy = NonNullable<RequestOptions['propagationPolicy']>;
const policies = ['Foreground', 'Background', 'Orphan'];

export function deleteOptionsOf(body: unknown): RequestOptions {
  if (!isObject(body)) throw badRequest('DeleteOptions must be an object');
  const { gracePeriodSeconds: grace, propagationPolicy: policy, dryRun: dry } = body;
  const { kind } = typeOf(body);
  if (kind && kind !== 'DeleteOptions') throw badRequest(`a DELETE takes DeleteOptions, not ${kind}`);
  const options: RequestOptions = preconditionsOf(body['preconditions']);
  if (grace !== undefined && grace !== null) options.gracePeriodSeconds = graceOf(grace);
  if (policy !== undefined && policy !== null) options.propagationPolicy = policyOf(policy);
  const { orphanDependents } = body;
  if (typeof orphanDependents === 'boolean') {
    if (options.propagationPolicy) throw bothSet(options.propagationPolicy);
    options.orphanDependents = orphanDependents;
    options.propagationPolicy = orphanDependents ? 'Orphan' : 'Background';
  }
  if (Array.isArray(dry)) options.dryRun = dryRun(dry);
  return options;
}

export function queryDeleteOptions(query: URLSearchParams): RequestOptions {
  const grace = query.get('gracePeriodSeconds');
  return deleteOptionsOf({
    gracePeriodSeconds: grace && (/^-?\d+$/.test(grace) ? Number(grace) : grace),
    propagationPolicy: query.get('propagationPolicy') || undefined,
    orphanDependents: query.has('orphanDependents') ? isTrue(query.get('orphanDependents') ?? '') : undefined,
  });
}

function graceOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw badRequest(`gracePeriodSeconds: ${JSON.stringify(value)} is not a whole number`);
}

function policyOf(value: unknown): Policy {
  if (policies.includes(value as string)) return value as Policy;
  const error = notSupported('propagationPolicy', value, [...policies, 'nil']);
  throw invalid('DeleteOptions', 'meta.k8s.io', '', [error]);
}

/** The policy has taken the place of orphanDependents, which clients of before 1.7 send. */
function bothSet(policy: Policy) {
  const error = invalidValue(
    'propagationPolicy',
    policy,
    'orphanDependents and deletionPropagation cannot be both set',
  );
  return invalid('DeleteOptions', 'meta.k8s.io', '', [error]);
}

function preconditionsOf(value: unknown): RequestOptions {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw badRequest('DeleteOptions.preconditions must be an object');
  const preconditions: NonNullable<RequestOptions['preconditions']> = {};
  for (const field of ['uid', 'resourceVersion'] as const) {
    const wanted = value[field];
    if (typeof wanted === 'string') preconditions[field] = wanted;
    else if (wanted !== undefined && wanted !== null) {
      throw badRequest(`DeleteOptions.preconditions.${field} must be a string`);
    }
  }
  return { preconditions };
}
