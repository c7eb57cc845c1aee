import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownAddressOptions } from '../../../../src/core/runtime/docker/network.ts';

const mode = 'com.docker.network.bridge.gateway_mode_ipv4';

test('engines that keep others from containers are told not to, and only those', () => {
  assert.equal(ownAddressOptions('20.10.24+dfsg1')[mode], undefined);
  assert.equal(ownAddressOptions('27.5.1')[mode], undefined);
  assert.equal(ownAddressOptions('28.0.0')[mode], 'nat-unprotected');
  assert.equal(ownAddressOptions('29.1.0-rc.1')[mode], 'nat-unprotected');
});
