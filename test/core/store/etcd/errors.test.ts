import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemOf, textOf } from '../../../../src/core/store/etcd/errors.ts';
import { StoreFullError, StoreTooLargeError } from '../../../../src/core/store/index.ts';

const table: [message: string, meaning: string, broken: boolean][] = [
  ['14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1', 'unsent', true],
  ['4 DEADLINE_EXCEEDED: Deadline exceeded after 0.7s,Waiting for LB pick', 'unsent', true],
  ['14 UNAVAILABLE: etcdserver: no leader', 'unsent', false],
  ['8 RESOURCE_EXHAUSTED: etcdserver: too many requests', 'unsent', false],
  ['16 UNAUTHENTICATED: the token has become invalid', 'unsent', true],
  ['3 INVALID_ARGUMENT: etcdserver: revision of auth store is old', 'unsent', true],
  ['14 UNAVAILABLE: Connection dropped', 'unknown', true],
  ['4 DEADLINE_EXCEEDED: Deadline exceeded after 3.0s,remote_addr=127.0.0.1:2379', 'unknown', true],
  ['14 UNAVAILABLE: etcdserver: request timed out', 'unknown', false],
  ['14 UNAVAILABLE: etcdserver: request timed out, possibly due to previous leader failure', 'unknown', false],
  ['13 INTERNAL: Received RST_STREAM with code 2', 'unknown', true],
  ['7 PERMISSION_DENIED: etcdserver: permission denied', 'refused', false],
  ['3 INVALID_ARGUMENT: etcdserver: duplicate key given in txn request', 'refused', false],
  ['11 OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted', 'refused', false],
  ['nothing of etcd', 'refused', false],
];

for (const [message, expected, isBroken] of table) {
  test(`${message}: ${expected}${isBroken ? ', and the connection is broken' : ''}`, () => {
    const { meaning, broken } = problemOf(new Error(message));
    assert.deepEqual({ meaning, broken }, { meaning: expected, broken: isBroken });
  });
}

test("etcd's limits are the store's errors", () => {
  const errorOf = (message: string) => problemOf(new Error(message)).error;
  assert.ok(errorOf('8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded') instanceof StoreFullError);
  for (const message of [
    '3 INVALID_ARGUMENT: etcdserver: request is too large',
    '3 INVALID_ARGUMENT: etcdserver: too many operations in txn request',
    '8 RESOURCE_EXHAUSTED: grpc: received message larger than max (3145728 vs. 2097152)',
  ]) {
    assert.ok(errorOf(message) instanceof StoreTooLargeError, message);
  }
});

test('people are told what happened, not how gRPC counts it', () => {
  const message = '14 UNAVAILABLE: No connection established. Last error: Error: refused. Resolution note: ';
  assert.equal(textOf(new Error(message)), 'No connection established. Last error: Error: refused');
});
