/** What containers and commands in them write: logs and exec. */
import { type Clock, sleep } from '../../async/clock.ts';
import type { LogQuery } from '../runtime.ts';
import { ask, type Docker, translated } from './client.ts';

export async function* containerLogs(
  docker: Docker,
  id: string,
  query: LogQuery,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const { Config } = await ask(docker.getContainer(id).inspect());
  try {
    const stream = await openLogs(docker, id, query, signal);
    if (Config.Tty) for await (const chunk of stream) yield chunk as Buffer;
    else yield* demultiplexed(stream);
  } catch (error) {
    if (!signal.aborted) throw translated(error);
  }
}

/** dockerode's own `logs` reads a log that is not followed into memory as a whole; this is its call as a stream. */
function openLogs(docker: Docker, id: string, query: LogQuery, signal: AbortSignal): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${id}/logs?`,
        method: 'GET',
        isStream: true,
        abortSignal: signal,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        options: {
          stdout: query.stream !== 'stderr',
          stderr: query.stream !== 'stdout',
          follow: query.follow,
          timestamps: query.timestamps,
          tail: query.tailLines ?? 'all',
          since: query.since === undefined ? 0 : (query.since / 1000).toFixed(3),
        },
      },
      (error, stream) => (error ? reject(error) : resolve(stream as NodeJS.ReadableStream)),
    );
  });
}

/** Without a terminal stdout and stderr come in frames: stream number, three zeros, length (big-endian), bytes. */
export async function* demultiplexed(stream: AsyncIterable<string | Buffer>): AsyncIterable<Uint8Array> {
  const headerLength = 8;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= headerLength) {
      const end = headerLength + rest.readUInt32BE(4);
      if (rest.length < end) break;
      yield rest.subarray(headerLength, end);
      rest = rest.subarray(end);
    }
  }
}

const mostOutput = 10 * 1024;
const exitCodePollMs = 10;

/**
 * Docker cannot end a command once it runs: after the time limit it is left alone, and goes when its container does.
 */
export async function runCommand(
  docker: Docker,
  { clock, containerId, command, timeoutMs }: RunCommand,
): Promise<{ exitCode: number; output: string }> {
  const limit = new AbortController();
  const timer = clock.after(timeoutMs, () => limit.abort());
  try {
    const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true, abortSignal: limit.signal };
    const exec = await ask(docker.getContainer(containerId).exec(options));
    const stream = await ask(exec.start({ Detach: false, Tty: false, abortSignal: limit.signal }));
    const output = await firstBytes(demultiplexed(stream));
    // The output ends a moment before the engine knows the exit code.
    for (;;) {
      const { Running, ExitCode } = await ask(exec.inspect({ abortSignal: limit.signal }));
      if (!Running && ExitCode !== null) return { exitCode: ExitCode, output };
      await sleep(clock, exitCodePollMs, limit.signal);
    }
  } catch (error) {
    if (limit.signal.aborted) throw new Error(`command timed out after ${timeoutMs} ms: ${command.join(' ')}`);
    throw translated(error);
  } finally {
    timer.cancel();
  }
}

interface RunCommand {
  clock: Clock;
  containerId: string;
  command: readonly string[];
  timeoutMs: number;
}

/** Reads to the end, since a command whose output nobody takes would stand still, and keeps the beginning. */
async function firstBytes(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let kept = Buffer.alloc(0);
  for await (const chunk of stream) {
    if (kept.length < mostOutput) kept = Buffer.concat([kept, chunk]).subarray(0, mostOutput);
  }
  return kept.toString('utf8');
}
