/**
 * Errors as the API speaks them: reason → code → message (kube-apiserver api/errors). One class carries a Status; the
 * constructors below are the table, the predicates tell errors apart without reading messages.
 */

export type Reason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServerTimeout'
  | 'ServiceUnavailable'
  | 'InsufficientStorage'
  | 'Timeout';

export const codes: Readonly<Record<Reason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  InsufficientStorage: 507,
};

export interface Cause {
  reason: string;
  message: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  /** The resource's plural, or for Invalid the kind. */
  kind?: string;
  uid?: string;
  causes?: Cause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: Reason;
  details?: StatusDetails;
  code: number;
}

/** An error with a Status; what the server answers and what the client throws. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status;

  constructor(reason: Reason, message: string, details?: StatusDetails, code = codes[reason]) {
    super(message);
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
    if (details) this.status.details = details;
  }

  get reason(): Reason {
    return this.status.reason ?? 'InternalError';
  }
  get code(): number {
    return this.status.code;
  }

  /** The error a Status answer stands for. */
  static fromStatus(status: Status): ApiError {
    return new ApiError(
      status.reason ?? 'InternalError',
      status.message ?? 'unknown error',
      status.details,
      status.code,
    );
  }
}

/** What names a resource in messages: `pods`, `deployments.apps`. */
export interface ResourceName {
  plural: string;
  group: string;
}
const qualified = (r: ResourceName) => (r.group ? `${r.plural}.${r.group}` : r.plural);
const detailsOf = (r: ResourceName, name: string): StatusDetails => {
  const details: StatusDetails = { name, kind: r.plural };
  if (r.group) details.group = r.group;
  return details;
};

export const notFound = (r: ResourceName, name: string) =>
  new ApiError('NotFound', `${qualified(r)} "${name}" not found`, detailsOf(r, name));
export const alreadyExists = (r: ResourceName, name: string) =>
  new ApiError('AlreadyExists', `${qualified(r)} "${name}" already exists`, detailsOf(r, name));
export const conflict = (r: ResourceName, name: string, why: string) =>
  new ApiError('Conflict', `Operation cannot be fulfilled on ${qualified(r)} "${name}": ${why}`, detailsOf(r, name));
export const modified = (r: ResourceName, name: string) =>
  conflict(r, name, 'the object has been modified; please apply your changes to the latest version and try again');
export const forbidden = (r: ResourceName, name: string, why: string) =>
  new ApiError('Forbidden', `${qualified(r)} "${name}" is forbidden: ${why}`, detailsOf(r, name));
export const badRequest = (message: string) => new ApiError('BadRequest', message);
export const methodNotAllowed = (message = 'the server does not allow this method on the requested resource') =>
  new ApiError('MethodNotAllowed', message, {});
export const expired = (message: string) => new ApiError('Expired', message);
export const internalError = (message: string) =>
  new ApiError('InternalError', `Internal error occurred: ${message}`, {
    causes: [{ reason: 'InternalError', message }],
  });
/** 500 without a reason: what the original answers where an error has reached it that is not one of the API's own. */
export function unexplained(message: string): ApiError {
  const error = new ApiError('InternalError', message);
  delete error.status.reason;
  return error;
}
export const noSuchResource = () => new ApiError('NotFound', 'the server could not find the requested resource', {});

/** One wrong field. `value` is shown where the original shows it (apimachinery field.Error). */
export interface FieldError {
  reason:
    | 'FieldValueNotFound'
    | 'FieldValueRequired'
    | 'FieldValueDuplicate'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid';
  field: string;
  value?: unknown;
  detail?: string;
}

const words: Record<FieldError['reason'], string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
};
const withoutValue = new Set<FieldError['reason']>(['FieldValueRequired', 'FieldValueForbidden', 'FieldValueTooLong']);

/** `Invalid value: -1: must be greater than or equal to 0`: the text after the field. */
export function causeMessage(e: FieldError): string {
  let text = words[e.reason];
  if (!withoutValue.has(e.reason)) text += `: ${JSON.stringify(e.value ?? null)}`;
  return e.detail ? `${text}: ${e.detail}` : text;
}

/** Nobody reads more, and a body of 3 MiB can have far more wrong fields. */
const causesMax = 1000;

/** 422 with one cause per wrong field. */
export function invalid(kind: string, group: string, name: string, errors: readonly FieldError[]): ApiError {
  const causes = errors
    .slice(0, causesMax)
    .map((e) => ({ reason: e.reason, message: causeMessage(e), field: e.field }));
  const texts = [...new Set(causes.map((c) => `${c.field}: ${c.message}`))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const details: StatusDetails = { name, kind, causes };
  if (group) details.group = group;
  return new ApiError('Invalid', `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${list}`, details);
}

const has = (e: unknown, ...reasons: Reason[]) => e instanceof ApiError && reasons.includes(e.reason);
export const isNotFound = (e: unknown): e is ApiError => has(e, 'NotFound');
export const isAlreadyExists = (e: unknown): e is ApiError => has(e, 'AlreadyExists');
export const isConflict = (e: unknown): e is ApiError => has(e, 'Conflict');
export const isExpired = (e: unknown): e is ApiError => has(e, 'Expired', 'Gone');
export const isInvalid = (e: unknown): e is ApiError => has(e, 'Invalid');
/** The same request may succeed later. */
export const isRetryable = (e: unknown): boolean =>
  !(e instanceof ApiError) ||
  has(e, 'TooManyRequests', 'ServerTimeout', 'ServiceUnavailable', 'Timeout', 'InternalError');
