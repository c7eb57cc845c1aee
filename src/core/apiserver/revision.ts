/** The resourceVersion parameter of reads and watches. */
import type { ApiRequest, RequestOptions } from '../api/request.ts';
import { ApiError, badRequest, type FieldError, invalid } from '../api/status.ts';
import { forbiddenField, notSupported, required } from '../api/validation/errors.ts';
import type { Context } from './context.ts';

/** As long as kube-apiserver waits for a revision that has not come yet. */
const waitMs = 3000;

/** Undefined when not given: the newest state. 0 means any state will do. */
export function parseRevision(text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const parsing = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${parsing}`);
}

/** Waits until the cache shows `revision`; undefined when it does already. */
export function notOlderThan({ cache, clock, store }: Context, revision: number): Promise<void> | undefined {
  const reached = cache.reached(revision);
  if (!reached) return undefined;
  // Another server may have come as far by what is not in this cache; asking the store brings us there too.
  store.confirm?.().catch(() => {});
  return new Promise((resolve, reject) => {
    const timer = clock.after(waitMs, () => reject(tooLarge(revision, cache.revision)));
    reached.then(() => {
      timer.cancel();
      resolve();
    });
  });
}

export function tooLarge(revision: number, current: number): ApiError {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const message = `Timeout: Too large resource version: ${revision}, current: ${current}`;
  return new ApiError('Timeout', message, { causes, retryAfterSeconds: 1 });
}

/** Which parameters may stand together (apimachinery internalversion/validation). */
export function validateListOptions({ verb, options = {} }: ApiRequest): void {
  const errors = verb === 'watch' ? watchErrors(options) : listErrors(options);
  if (errors.length) throw invalid('ListOptions', 'meta.k8s.io', '', errors);
}

function listErrors(options: RequestOptions): FieldError[] {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (match === undefined) return errors;
  const forbid = (why: string) => errors.push(forbiddenField('resourceVersionMatch', why));
  if (!resourceVersion) forbid('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (options.continue) forbid('resourceVersionMatch is forbidden when continue is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && resourceVersion === '0') {
    forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  return errors;
}

function watchErrors({ resourceVersionMatch: match, sendInitialEvents, ...options }: RequestOptions): FieldError[] {
  if (sendInitialEvents === undefined) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    return match === undefined ? [] : [forbiddenField('resourceVersionMatch', why)];
  }
  if (match === undefined) {
    return [
      required('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    ];
  }
  if (match !== 'NotOlderThan') return [notSupported('resourceVersionMatch', match, ['NotOlderThan'])];
  if (options.continue) return [forbiddenField('continue', 'continue is forbidden for watch')];
  return [];
}
