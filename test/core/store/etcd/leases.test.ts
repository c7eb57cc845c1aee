import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../src/core/async/random.ts';
import { expiryOf, Leases } from '../../../../src/core/store/etcd/leases.ts';
import { virtualClock } from '../../../helpers/clock.ts';

function leasesOf() {
  const clock = virtualClock();
  const granted: number[] = [];
  const fault = { error: undefined as Error | undefined };
  const grant = async (_: string, ttlSeconds: number) => {
    if (fault.error) throw fault.error;
    granted.push(ttlSeconds);
  };
  return { clock, granted, fault, leases: new Leases({ clock, random: seededRandom(1), grant }) };
}

test('the id of a lease tells its end; one of somebody else tells nothing', async () => {
  const { clock, leases } = leasesOf();
  const id = await leases.for(3);
  assert.equal(expiryOf(id), clock.now() + 3_000);
  assert.ok(BigInt(id) > 0n && BigInt(id) < 2n ** 63n);
  assert.equal(expiryOf('0'), undefined);
  assert.equal(expiryOf('7587875823423423'), undefined);
});

test('keys of about the same end share a lease, for a tenth of their time and at most a minute', async () => {
  const { clock, granted, leases } = leasesOf();
  const first = await leases.for(3_600);
  await clock.advance(59_000);
  assert.equal(await leases.for(3_600), first);
  await clock.advance(1_000);
  assert.notEqual(await leases.for(3_600), first);
  assert.notEqual(await leases.for(100), first);
  assert.deepEqual(granted, [3_660, 3_660, 110]);
});

test('a lease that was not granted, or is lost, is not used again', async () => {
  const { fault, granted, leases } = leasesOf();
  fault.error = new Error('no');
  await assert.rejects(leases.for(60), /no/);
  fault.error = undefined;
  const id = await leases.for(60);
  leases.forget();
  assert.notEqual(await leases.for(60), id);
  assert.deepEqual(granted, [66, 66]);
});
