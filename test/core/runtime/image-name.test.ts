import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageName } from '../../../src/core/runtime/image-name.ts';
import { ImageError } from '../../../src/core/runtime/runtime.ts';

test('image names are taken apart', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const names: [string, string, string, string][] = [
    ['busybox', 'docker.io', 'busybox', 'latest'],
    ['busybox:1.35', 'docker.io', 'busybox', '1.35'],
    ['library/redis', 'docker.io', 'library/redis', 'latest'],
    ['gcr.io/google_containers/pause:0.8.0', 'gcr.io', 'gcr.io/google_containers/pause', '0.8.0'],
    ['localhost/web', 'localhost', 'localhost/web', 'latest'],
    ['127.0.0.1:5000/web', '127.0.0.1:5000', '127.0.0.1:5000/web', 'latest'],
    [`my-registry:5000/a/b__c:v1@${digest}`, 'my-registry:5000', 'my-registry:5000/a/b__c', digest],
  ];
  for (const [name, registry, repository, reference] of names) {
    assert.deepEqual(parseImageName(name), { registry, repository, reference }, name);
  }
});

test('what is no image name is refused by name', () => {
  for (const name of [
    '',
    'Busybox',
    'UPPER/case',
    'a b',
    'busybox:',
    ':1',
    'web:tag:tag',
    'web@sha256:12',
    '/web',
    'a//b',
  ]) {
    assert.throws(
      () => parseImageName(name),
      (error) =>
        error instanceof ImageError && error.reason === 'InvalidImageName' && error.message.includes(`"${name}"`),
      name,
    );
  }
});
