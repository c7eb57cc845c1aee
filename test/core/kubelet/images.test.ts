import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Images } from '../../../src/core/kubelet/images.ts';
import { ImageError, type PullProgress, type Runtime, RuntimeGoneError } from '../../../src/core/runtime/runtime.ts';
import { settle, virtualClock } from '../../helpers/clock.ts';

/** An engine whose pulls go as the test says. */
class PullingRuntime {
  readonly pulls: {
    image: string;
    progress: (p: PullProgress) => void;
    end(error?: Error): void;
    signal: AbortSignal;
  }[] = [];
  readonly there = new Set<string>();

  async inspectImage(image: string) {
    return this.there.has(image) ? { id: image, user: '' } : undefined;
  }
  pullImage(image: string, progress: (p: PullProgress) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => {
        if (error) return reject(error);
        this.there.add(image);
        resolve();
      };
      signal.addEventListener('abort', () => reject(signal.reason));
      this.pulls.push({ image, progress, end, signal });
    });
  }
}

function bench() {
  const clock = virtualClock();
  const runtime = new PullingRuntime();
  const said: string[] = [];
  const changed: string[] = [];
  const images = new Images({ runtime: runtime as unknown as Runtime, clock, changed: (pod) => changed.push(pod) });
  const want = (pod: string, restartCount = 0) => ({
    pod,
    container: 'main',
    restartCount,
    image: 'big:1',
    policy: 'IfNotPresent' as const,
  });
  return {
    ...{ clock, runtime, said, changed, images },
    async get(pod: string, restartCount = 0) {
      images.get({
        ...want(pod, restartCount),
        say: (_, reason, message) => said.push(`${pod} ${reason}: ${message}`),
      });
      await settle();
    },
    state: (pod: string, restartCount = 0) => images.state(pod, want(pod, restartCount)),
  };
}

test('pods that want the same image share one pull, each is told', async () => {
  const { runtime, get, state, changed } = bench();
  await get('a');
  await get('b');
  assert.equal(runtime.pulls.length, 1);
  assert.equal(state('a').state, 'pulling');
  runtime.pulls[0]!.end();
  await settle();
  assert.deepEqual([state('a').state, state('b').state, changed], ['present', 'present', ['a', 'b']]);
});

test('a pull ends when the last pod that waits for it is gone, and a later pod begins another', async () => {
  const { runtime, get, images, changed } = bench();
  await get('a');
  await get('b');
  images.forget('a');
  assert.ok(!runtime.pulls[0]!.signal.aborted);
  images.forget('b');
  assert.ok(runtime.pulls[0]!.signal.aborted);
  await get('c');
  assert.equal(runtime.pulls.length, 2);
  assert.deepEqual(changed, []);
});

test('progress is told every five seconds at most, the end with time and size', async () => {
  const { runtime, get, clock, said } = bench();
  await get('a');
  for (let second = 1; second <= 11; second++) {
    await clock.advance(1_000);
    runtime.pulls[0]!.progress({ current: second * 1_000_000, total: 12_000_000, status: 'Downloading' });
  }
  runtime.pulls[0]!.end();
  await settle();
  assert.deepEqual(said, [
    'a pulling: Pulling image "big:1"',
    'a pulling: Pulling image "big:1": Downloading 5.0 of 12.0 MB',
    'a pulling: Pulling image "big:1": Downloading 10.0 of 12.0 MB',
    'a pulled: Successfully pulled image "big:1" in 11.000s (11.000s including waiting). Image size: 11000000 bytes.',
  ]);
});

test('a failure is ErrImagePull for two seconds, then ImagePullBackOff; each next one waits twice as long', async () => {
  const { runtime, get, clock, state, said } = bench();
  for (const [i, wait] of [10, 20, 40, 80, 160, 300, 300].entries()) {
    await get('a');
    runtime.pulls[i]!.end(new ImageError('ErrImagePull', 'no such image'));
    await settle();
    const fresh = state('a');
    assert.ok(fresh.state === 'failed' && fresh.reason === 'ErrImagePull' && fresh.message === 'no such image');
    assert.equal(fresh.retryAt - clock.now(), wait * 1_000);
    await clock.advance(2_000);
    const later = state('a');
    assert.ok(later.state === 'failed' && later.reason === 'ImagePullBackOff');
    assert.equal(later.message, 'Back-off pulling image "big:1": no such image');
    await clock.advance(wait * 1_000);
  }
  assert.equal(said.filter((s) => s === 'a failed: Failed to pull image "big:1": no such image').length, 7);
});

test('an engine that went away is no fault of the image', async () => {
  const { runtime, get, state, said } = bench();
  await get('a');
  runtime.pulls[0]!.end(new RuntimeGoneError('gone'));
  await settle();
  assert.equal(state('a').state, 'unknown');
  assert.ok(!said.some((s) => s.includes('Failed')));
});

test('what was found for one start says nothing of the next', async () => {
  const { runtime, get, state } = bench();
  runtime.there.add('big:1');
  await get('a');
  assert.equal(state('a').state, 'present');
  assert.equal(state('a', 1).state, 'unknown');
});
