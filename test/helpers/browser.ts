/** Chromium without a window, spoken to over two pipes in the DevTools protocol: messages are JSON, each ends in a zero byte. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

// biome-ignore lint/suspicious/noExplicitAny: messages of many types, of which tests read a member or two
type Any = any;

const program = 'chromium-headless-shell';
const commandWithinMs = 20_000;

export class Browser {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kubecfg-browser-'));
  readonly #child: ChildProcess;
  readonly #pages = new Map<string, Page>();
  readonly #waiting = new Map<number, { resolve(result: Any): void; reject(error: Error): void }>();
  #sent = 0;

  constructor() {
    const flags = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe'];
    this.#child = spawn(program, [...flags, `--user-data-dir=${this.#folder}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('exit', () => this.#fail(new Error(`${program} has ended`)));
    let rest = '';
    (this.#child.stdio[4] as Duplex).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message));
    });
  }

  /** Opens a page, and keeps what it asks for and complains of. */
  async open(url: string): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page((method, params) => this.send(method, params, sessionId));
    this.#pages.set(sessionId, page);
    for (const part of ['Network', 'Runtime', 'Log', 'Page']) await this.send(`${part}.enable`, {}, sessionId);
    await this.send('Page.navigate', { url }, sessionId);
    return page;
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Any> {
    const id = ++this.#sent;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer from ${program}`)), commandWithinMs);
      const settled = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      (this.#child.stdio[3] as Duplex).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.pid) {
      await this.send('Browser.close');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #receive({ id, result, error, method, params, sessionId }: Any): void {
    const waiting = this.#waiting.get(id);
    if (id === undefined) this.#pages.get(sessionId)?.noted(method, params);
    else if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }

  #fail(error: Error): void {
    for (const { reject } of [...this.#waiting.values()]) reject(error);
  }
}

export class Page {
  /** URLs of everything it asked for. */
  readonly requested: string[] = [];
  /** What its console shows in red, failed requests included. */
  readonly errors: string[] = [];
  readonly #send: (method: string, params: object) => Promise<Any>;

  constructor(send: (method: string, params: object) => Promise<Any>) {
    this.#send = send;
  }

  /** The value of an expression, which must be JSON. */
  async evaluate(expression: string): Promise<Any> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  noted(method: string, params: Any): void {
    switch (method) {
      case 'Network.requestWillBeSent':
        this.requested.push(params.request.url);
        return;
      case 'Network.loadingFailed':
        this.errors.push(params.errorText);
        return;
      case 'Runtime.exceptionThrown':
        this.errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
        return;
      case 'Runtime.consoleAPICalled':
        if (params.type === 'error')
          this.errors.push(params.args.map((one: Any) => one.value ?? one.description).join(' '));
        return;
      case 'Log.entryAdded':
        if (params.entry.level === 'error') this.errors.push(`${params.entry.text} ${params.entry.url ?? ''}`);
        return;
    }
  }
}
