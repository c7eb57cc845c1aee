import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNotFound } from '../../../src/core/api/status.ts';
import { withMachine } from './harness.ts';

test('logs: lines of a container, cut as asked', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    const { id } = await m.instance('web');
    m.runtime.writeLog(id, 'one');
    await m.plane.clock.advance(10_000);
    m.runtime.writeLog(id, 'two');

    assert.equal(await m.log('web', { tailLines: 2 }), 'one\ntwo\n');
    assert.equal(await m.log('web', { sinceSeconds: 5 }), 'two\n');
    assert.match(await m.log('web', { tailLines: 1, timestamps: true }), /^\d{4}-\S+Z two\n$/);
    assert.equal(await m.log('web', { tailLines: 2, limitBytes: 5 }), 'one\nt');
    assert.equal(await m.log('web', { stream: 'Stderr' }), '');
    assert.match(await m.log('web', { stream: 'Stdout' }), /one\ntwo\n$/);
  }));

test('logs of the instance before, while a new one runs and while it waits to', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    await assert.rejects(
      m.log('web', { previous: true }),
      /^ApiError: previous terminated container "main" in pod "web" not found/,
    );
    const first = (await m.instance('web')).id;
    m.runtime.writeLog(first, 'first');
    m.runtime.exitContainer(first, 1);
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
    assert.equal(await m.log('web', { previous: true, tailLines: 1 }), 'first\n');

    const second = (await m.instance('web')).id;
    m.runtime.writeLog(second, 'second');
    m.runtime.exitContainer(second, 1);
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.state.waiting);
    assert.equal(await m.log('web', { tailLines: 1 }), 'second\n');
    assert.equal(await m.log('web', { previous: true, tailLines: 1 }), 'second\n');
  }));

test('what cannot be shown is said in the words of kubectl', () =>
  withMachine(async (m) => {
    const containers = ['a', 'b'].map((name) => ({ name, image: 'no/such:1' }));
    m.runtime.lackImage('no/such:1', { pullable: false });
    await m.create('two', { containers });
    await m.until('two', (p) => p.status.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull');

    await assert.rejects(m.log('two'), /a container name must be specified for pod two, choose one of: \[a b\]/);
    await assert.rejects(m.log('two', { container: 'c' }), /container c is not valid for pod two/);
    await assert.rejects(
      m.log('two', { container: 'a' }),
      /container "a" in pod "two" is waiting to start: ErrImagePull/,
    );
    await assert.rejects(m.log('none'), isNotFound);
  }));

test('following ends with the container', () =>
  withMachine(async (m) => {
    await m.create('once', { restartPolicy: 'Never' });
    await m.running('once');
    const { id } = await m.instance('once');
    const text = m.log('once', { follow: true });
    m.runtime.writeLog(id, 'last');
    await m.plane.clock.advance(0);
    m.runtime.exitContainer(id, 0);
    assert.match(await text, /last\n$/);
  }));
