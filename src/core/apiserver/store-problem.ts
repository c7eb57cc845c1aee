/** What the store's errors are to clients of the API. */
import { ApiError, internalError } from '../api/status.ts';
import {
  StoreClosedError,
  StoreFullError,
  StoreTooLargeError,
  StoreUnavailableError,
  UnknownOutcomeError,
} from '../store/store.ts';

export function storeProblem(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { message } = error as Error;
  if (error instanceof StoreFullError) return new ApiError('InsufficientStorage', message);
  if (error instanceof StoreTooLargeError) return new ApiError('RequestEntityTooLarge', message);
  if (error instanceof StoreClosedError) return new ApiError('ServiceUnavailable', message);
  // Nothing was done: clients may send it again.
  if (error instanceof StoreUnavailableError) {
    return new ApiError('ServiceUnavailable', `the store cannot be reached: ${message}`, { retryAfterSeconds: 1 });
  }
  if (error instanceof UnknownOutcomeError) {
    return new ApiError('Timeout', `the request timed out, its outcome is unknown: ${message}`);
  }
  return internalError(message);
}
