import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentCommits } from '../../../src/core/store/recent.ts';

const commit = (revision: number, size = 1) => {
  const kv = { key: '/a', value: Buffer.alloc(size), createRevision: 2, modRevision: revision, version: 1 };
  return { revision, events: [{ type: 'put' as const, kv }] };
};
const revisions = (recent: RecentCommits, from: number, events = Number.POSITIVE_INFINITY) =>
  recent.since(from, events)?.map(({ revision }) => revision);

test('commits are found by revision, as many as asked for', () => {
  const recent = new RecentCommits(6);
  assert.equal(recent.since(2, 10), undefined);
  for (let revision = 7; revision <= 10; revision++) recent.add(commit(revision));
  assert.equal(revisions(recent, 6), undefined);
  assert.deepEqual(revisions(recent, 7), [7, 8, 9, 10]);
  assert.deepEqual(revisions(recent, 9), [9, 10]);
  assert.deepEqual(revisions(recent, 7, 2), [7, 8]);
  assert.deepEqual(revisions(recent, 11), []);
});

test('the oldest go when there are many', () => {
  const recent = new RecentCommits(1);
  for (let revision = 2; revision <= 20_001; revision++) recent.add(commit(revision));
  assert.equal(revisions(recent, 20_001 - 4_096), undefined);
  assert.equal(revisions(recent, 20_002 - 4_096)?.length, 4_096);
});

test('the oldest go when they are large', () => {
  const recent = new RecentCommits(1);
  const megabyte = 1024 * 1024;
  for (let revision = 2; revision <= 101; revision++) recent.add(commit(revision, megabyte));
  assert.equal(revisions(recent, 85), undefined);
  assert.equal(revisions(recent, 86)?.length, 16);
});
