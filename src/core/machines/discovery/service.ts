/** Requests and answers of the discovery service, as etcd members of all versions need them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import { KeysError } from './answers.ts';
import { Counts } from './counts.ts';
import { BodyTooLargeError, type Form, formOf } from './form.ts';
import { type Rate, RateLimit } from './rate-limit.ts';
import { type Indexed, type Place, type Registry, RegistryFullError } from './registry.ts';
import { notFound, sendKeys, sendKeysError, sendNothing, sendText, type Text, TextError } from './respond.ts';
import { type Route, routeOf } from './routes.ts';
import { parseSize } from './size.ts';

/** A connection that broke without a word must not wait for ever. An empty 200 makes members ask again at once. */
const waitMsMax = 5 * 60_000;
const waitsMax = 4096;

export interface ServiceLimits {
  /** Tokens that one address may ask for. */
  newTokens: Rate;
  /** All its requests. */
  requests: Rate;
}

export interface ServiceDeps {
  registry: Registry;
  clock: Clock;
  log: Logger;
  limits: ServiceLimits;
  /** What stands before tokens in answers to a request with this Host header. */
  prefix(host: string | undefined): string;
}

export class Service {
  readonly #deps: ServiceDeps;
  readonly #newTokens: RateLimit;
  readonly #requests: RateLimit;
  readonly #closing = new AbortController();
  readonly #counts = new Counts();
  #waits = 0;

  constructor(deps: ServiceDeps) {
    this.#deps = deps;
    this.#newTokens = new RateLimit(deps.limits.newTokens, deps.clock);
    this.#requests = new RateLimit(deps.limits.requests, deps.clock);
  }

  /** Ends all waits without an answer: whoever waits will ask again. */
  close(): void {
    this.#closing.abort();
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const route = routeOf(mark < 0 ? url : url.slice(0, mark));
    try {
      this.#checkRate(request, route);
      const form = await formOf(request, new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)));
      await this.#answer(route, form, request, response);
    } catch (error) {
      this.#fail(response, error as Error);
    }
    if (route) this.#counts.add(route.to, request.method, response.statusCode);
  }

  #checkRate({ socket }: IncomingMessage, route: Route | undefined): void {
    const address = socket.remoteAddress ?? '';
    const isNew = route?.to === 'new';
    const delayMs = this.#requests.delayMs(address) || (isNew ? this.#newTokens.delayMs(address) : 0);
    if (delayMs === 0) return;
    const headers = { 'Retry-After': String(Math.ceil(delayMs / 1000)) };
    // Members come again after a 503 and give up after a 429.
    throw new TextError({ status: isNew ? 429 : 503, text: 'too many requests, please come again later\n', headers });
  }

  #answer(route: Route | undefined, form: Form, request: IncomingMessage, response: ServerResponse) {
    switch (route?.to) {
      case undefined:
        throw new TextError(notFound);
      case 'new':
        return this.#new(form, request, response);
      case 'health':
        return this.#health(response);
      case 'robots':
        return sendText(response, { status: 200, text: 'User-agent: *\nDisallow: /' });
      case 'metrics':
        return sendText(response, { status: 200, text: this.#counts.text() });
      case 'index':
        return sendText(response, { status: 200, text: indexPage });
      case 'token':
        return this.#token(route.place, route.methods, form, request, response);
    }
  }

  async #new(form: Form, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let size: number;
    try {
      size = parseSize(form.get('size'));
    } catch (error) {
      throw new TextError({ status: 400, text: `${(error as Error).message}\n` });
    }
    const token = await this.#deps.registry.create(size);
    sendText(response, { status: 200, text: `${this.#deps.prefix(request.headers.host)}/${token}` });
  }

  async #health(response: ServerResponse): Promise<void> {
    await this.#deps.registry.check();
    sendText(response, { status: 200, text: 'OK' });
  }

  async #token(
    place: Place,
    methods: readonly string[],
    form: Form,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { method = 'GET' } = request;
    const { registry } = this.#deps;
    if (!methods.includes(method)) {
      response.writeHead(405, { 'Content-Length': 0 }).end();
      return;
    }
    if (method === 'PUT') {
      form.refuse('prevValue', 'prevIndex', 'dir', 'refresh');
      const wishes = { prevExist: form.boolean('prevExist'), ttlSeconds: form.number('ttl', 202) };
      const written = await registry.put(place, form.get('value') ?? '', wishes);
      sendKeys(response, written, written.answer.prevNode ? 200 : 201);
    } else if (method === 'DELETE') {
      form.refuse('prevValue', 'prevIndex', 'dir', 'recursive');
      sendKeys(response, await registry.delete(place));
    } else {
      await this.#get(place, form, response);
    }
  }

  async #get(place: Place, form: Form, response: ServerResponse): Promise<void> {
    const { registry } = this.#deps;
    const [recursive, sorted] = [form.boolean('recursive') ?? false, form.boolean('sorted') ?? false];
    form.boolean('quorum');
    form.refuse('stream');
    if (!form.boolean('wait')) return sendKeys(response, await registry.get(place, sorted));
    const found = await this.#wait(place, recursive, form.number('waitIndex', 203) ?? 0, response);
    if (found) sendKeys(response, found);
    else if (this.#closing.signal.aborted) response.destroy();
    else sendNothing(response, registry.index);
  }

  async #wait(
    place: Place,
    recursive: boolean,
    waitIndex: number,
    response: ServerResponse,
  ): Promise<Indexed | undefined> {
    const { registry, clock } = this.#deps;
    if (this.#waits >= waitsMax)
      throw new TextError({ status: 503, text: 'too many waits, please come again later\n' });
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const timer = clock.after(waitMsMax, () => gone.abort());
    this.#waits++;
    try {
      return await registry.wait(place, recursive, waitIndex, AbortSignal.any([gone.signal, this.#closing.signal]));
    } finally {
      this.#waits--;
      timer.cancel();
    }
  }

  #fail(response: ServerResponse, error: Error): void {
    if (error instanceof KeysError) {
      sendKeysError(response, error, this.#deps.registry.index);
      return;
    }
    sendText(response, this.#textOf(error));
  }

  #textOf(error: Error): Text {
    if (error instanceof TextError) return error.answer;
    const text = `${error.message}\n`;
    if (error instanceof BodyTooLargeError) return { status: 413, text, headers: { Connection: 'close' } };
    if (error instanceof RegistryFullError) return { status: 503, text };
    this.#deps.log.error(`a request failed: ${error.stack ?? error.message}`);
    return { status: 500, text };
  }
}

const indexPage = `This is a discovery service for etcd.
GET /new?size=3 answers the URL of a token; etcd members started with --discovery=URL find each other there.
`;
