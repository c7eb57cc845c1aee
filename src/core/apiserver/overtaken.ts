/** Writes that were decided on what somebody else changed at the same moment are decided anew. */
import type { ApiRequest } from '../api/request.ts';
import { ApiError } from '../api/status.ts';

/** Thrown by commit.ts once the cache shows what has changed; nothing was written. */
export class Overtaken extends Error {}

/** Each time some other write got through; who is overtaken so often has very bad luck. */
const triesMax = 200;

export async function untilDecided<T>(request: ApiRequest, decide: () => T | Promise<T>): Promise<T> {
  for (let tries = 0; tries < triesMax; tries++) {
    try {
      return await decide();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
  const { kind, verb } = request;
  const message = `The ${verb} operation against ${kind.plural} could not be completed at this time, please try again.`;
  throw new ApiError('ServerTimeout', message, { kind: kind.plural, retryAfterSeconds: 1 });
}
