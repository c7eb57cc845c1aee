/** What an error of a call to etcd means for the caller. */
import { ClientClosedError } from 'etcd3';
import { StoreFullError, StoreTooLargeError } from '../store.ts';

export interface Problem {
  /**
   * `refused`: etcd has said no, and will say so again. `unsent`: nothing was done, and it may be tried again.
   * `unknown`: the request may have been carried out or not.
   */
  meaning: 'refused' | 'unsent' | 'unknown';
  /** The connection is of no use any more. */
  broken: boolean;
  error: Error;
}

/** gRPC's codes that tell a problem of connection or member, not of the request. */
const codes = { cancelled: 1, unknown: 2, deadlineExceeded: 4, resourceExhausted: 8, aborted: 10, internal: 13 };
const unavailable = 14;

/** Said by grpc-js before a request leaves it. */
const neverSent = /No connection established|Waiting for LB pick|Name resolution failed|Channel closed before call/;
/** Said by etcd before it proposes anything (v3rpc/interceptor.go, etcdserver/v3_server.go). */
const neverProposed = /etcdserver: (no leader|too many requests|leader changed|not capable)/;
/** Said by session.ts: the token is of no use any more; a new connection gets a new one. */
export const oldToken = 'the token has become invalid';
const oldAuthorization = /etcdserver: revision of auth store is old/;
const tooLarge = /etcdserver: (request is too large|too many operations in txn request)|message larger than max/;

export function problemOf(error: Error): Problem {
  const { message } = error;
  if (error instanceof ClientClosedError) return { meaning: 'unsent', broken: true, error };
  if (/database space exceeded/.test(message)) {
    const advice = `etcd has no room (${message}): compact and defragment it, then 'etcdctl alarm disarm'`;
    return { meaning: 'refused', broken: false, error: new StoreFullError(advice) };
  }
  if (tooLarge.test(message)) {
    return {
      meaning: 'refused',
      broken: false,
      error: new StoreTooLargeError(`etcd does not take it: ${textOf(error)}`),
    };
  }
  if (message.includes(oldToken) || oldAuthorization.test(message)) return { meaning: 'unsent', broken: true, error };
  if (neverProposed.test(message)) return { meaning: 'unsent', broken: false, error };
  if (neverSent.test(message)) return { meaning: 'unsent', broken: true, error };
  const code = Number(/^(\d+) [A-Z_]+:/.exec(message)?.[1]);
  // etcd's own timeout says nothing of the connection.
  if (code === unavailable && message.includes('etcdserver:')) return { meaning: 'unknown', broken: false, error };
  if (code === unavailable || Object.values(codes).includes(code)) return { meaning: 'unknown', broken: true, error };
  return { meaning: 'refused', broken: false, error };
}

/** Without gRPC's code in front, and what it appends of its name resolution. */
export function textOf(error: Error): string {
  return error.message.replace(/^\d+ [A-Z_]+: /, '').replace(/\. Resolution note: .*$/, '');
}
