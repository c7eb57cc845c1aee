/**
 * The daemon's control socket: a Unix socket that only the user can open. The API has no words for machines of one host,
 * so `halt`, `up MACHINE` and `status` speak here. Long calls answer with lines of JSON, the last one `done` or `error`.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import type { Progress, Report } from './progress.ts';

export interface Control {
  status(): Promise<unknown>;
  /** Adds machines until there are so many. */
  grow(machines: number, report: Report): Promise<void>;
  startMachine(name: string, report: Report): Promise<void>;
  haltMachine(name: string, force: boolean, report: Report): Promise<void>;
  /** Removes a machine for good. */
  destroyMachine(name: string, report: Report): Promise<void>;
  /** Stops all containers and ends the daemon after the answer. */
  halt(report: Report): Promise<void>;
}

type Call = (query: URLSearchParams, report: Report) => Promise<unknown>;

/** path → what it does; the query carries the arguments. */
function routes(control: Control): Readonly<Record<string, Call>> {
  return {
    '/status': () => control.status(),
    '/grow': (q, report) => control.grow(Number(q.get('machines')), report),
    '/start': (q, report) => control.startMachine(q.get('machine') ?? '', report),
    '/halt-machine': (q, report) => control.haltMachine(q.get('machine') ?? '', q.get('force') === 'true', report),
    '/destroy-machine': (q, report) => control.destroyMachine(q.get('machine') ?? '', report),
    '/halt': (_q, report) => control.halt(report),
  };
}

type Line = { progress: Progress } | { done: unknown } | { error: string };

export async function serveControl(socket: string, control: Control): Promise<Server> {
  const table = routes(control);
  const server = createServer((req, res) => void answer(table, req, res));
  rmSync(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return server;
}

async function answer(table: Readonly<Record<string, Call>>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://daemon');
  const call = table[url.pathname];
  const write = (line: Line) => res.write(`${JSON.stringify(line)}\n`);
  res.writeHead(call ? 200 : 404, { 'Content-Type': 'application/x-ndjson' });
  try {
    if (!call) throw new Error(`the daemon has no call ${url.pathname}`);
    write({ done: (await call(url.searchParams, (progress) => write({ progress }))) ?? null });
  } catch (e) {
    write({ error: (e as Error).message });
  }
  res.end();
}

/** Calls the daemon behind a socket; throws what it answers as an error, and when it does not answer at all. */
export function callControl(
  socket: string,
  call: 'status' | 'grow' | 'start' | 'halt-machine' | 'destroy-machine' | 'halt',
  args: Readonly<Record<string, string>> = {},
  report: Report = () => {},
): Promise<unknown> {
  const path = `/${call}?${new URLSearchParams(args).toString()}`;
  return new Promise((resolve, reject) => {
    const req = request({ socketPath: socket, path, method: 'POST' }, (res) => {
      const lines = createInterface({ input: res });
      lines.on('line', (text) => {
        const line = JSON.parse(text) as Line;
        if ('progress' in line) report(line.progress);
        else if ('error' in line) reject(new Error(line.error));
        else resolve(line.done);
      });
      // After an answer this changes nothing; without one the daemon went away in the middle.
      lines.on('close', () => reject(new Error('the daemon ended before it answered')));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end();
  });
}
