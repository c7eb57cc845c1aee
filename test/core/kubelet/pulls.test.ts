import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../src/core/api/kinds/index.ts';
import { withMachine } from './harness.ts';

const waiting =
  (reason: string) =>
  ({ status }: Pick<Pod, 'status'>) =>
    status.containerStatuses?.[0]?.state.waiting?.reason === reason;

test('an image that does not exist: events, back-off that doubles, no busy loop', () =>
  withMachine(async (m) => {
    const { clock } = m.plane;
    m.runtime.lackImage('no/such:1', { pullable: false });
    await m.create('web', { containers: [{ name: 'main', image: 'no/such:1' }] });
    await m.until('web', waiting('ErrImagePull'), 1_000);
    const { status } = await m.until('web', waiting('ImagePullBackOff'), 5_000);
    assert.match(status.containerStatuses![0]!.state.waiting!.message!, /Back-off pulling image "no\/such:1"/);
    assert.equal(status.phase, 'Pending');

    const pulls = async () => (await m.events()).filter((e) => e.startsWith('failed: ')).length;
    assert.equal(await pulls(), 1);
    let calls = 0;
    const { pullImage } = m.runtime;
    m.runtime.pullImage = function (...args) {
      calls++;
      return pullImage.apply(this, args);
    };
    await clock.advance(5 * 60_000);
    // After 10, 30, 70, 150 and (soon) 310 seconds.
    assert.equal(calls, 4);
    m.runtime.lackImage('no/such:1', { pullable: true });
    await m.running('web');
  }));

test('Never does not pull', () =>
  withMachine(async (m) => {
    m.runtime.lackImage('app:1', { pullable: true });
    await m.create('web', { containers: [{ name: 'main', image: 'app:1', imagePullPolicy: 'Never' }] });
    await m.until('web', waiting('ErrImageNeverPull'));
    await m.plane.clock.advance(60_000);
    assert.ok(waiting('ErrImageNeverPull')(await m.pod('web')));
  }));

test('Always pulls for every start, IfNotPresent only what is missing', () =>
  withMachine(async (m) => {
    const container = (name: string, imagePullPolicy: 'Always' | 'IfNotPresent') => ({
      name,
      image: name,
      imagePullPolicy,
    });
    m.runtime.lackImage('missing', { pullable: true });
    const containers = [
      container('always', 'Always'),
      container('missing', 'IfNotPresent'),
      container('there', 'IfNotPresent'),
    ];
    await m.create('web', { containers });
    await m.running('web');
    m.runtime.exitContainer((await m.instance('web', 'always')).id, 1);
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);

    const pulled = (await m.events()).filter((e) => /^pull(ing|ed)/.test(e)).map((e) => e.replace(/ in .*/, ''));
    assert.deepEqual(pulled.sort(), [
      'pulled: Container image "there" already present on machine',
      'pulled: Successfully pulled image "always"',
      'pulled: Successfully pulled image "missing"',
      'pulling: Pulling image "always"',
      'pulling: Pulling image "missing"',
    ]);
  }));
