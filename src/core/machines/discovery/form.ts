/** What a request says: the query and, as net/http's FormValue of Go, the form in its body, which wins. */
import type { IncomingMessage } from 'node:http';
import { KeysError } from './answers.ts';

/** A value of 2 KiB, each byte escaped. */
const bodyBytesMax = 8192;

export class BodyTooLargeError extends Error {}

export class Form {
  readonly #body: URLSearchParams;
  readonly #query: URLSearchParams;

  constructor(query: URLSearchParams, body: URLSearchParams) {
    this.#query = query;
    this.#body = body;
  }

  get(name: string): string | undefined {
    return this.#body.get(name) ?? this.#query.get(name) ?? undefined;
  }

  boolean(name: string): boolean | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    const value = parseBool(text);
    if (value === undefined) throw new KeysError(209, `invalid value for "${name}"`);
    return value;
  }

  /** A whole number that is not negative; `errorCode` says which kind it should have been. */
  number(name: string, errorCode: 202 | 203): number | undefined {
    const text = this.get(name);
    if (text === undefined || text === '') return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
      throw new KeysError(errorCode, `invalid value for "${name}"`);
    return value;
  }

  /** Options of etcd that change the meaning of a request, and that no member uses. */
  refuse(...names: string[]): void {
    for (const name of names) {
      if (this.get(name) !== undefined) throw new KeysError(209, `a discovery service takes no "${name}"`);
    }
  }
}

export async function formOf(request: IncomingMessage, query: URLSearchParams): Promise<Form> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const text = await bodyOf(request);
  return new Form(query, new URLSearchParams(type === 'application/x-www-form-urlencoded' ? text : ''));
}

/** The rest of a body that is too long is not read: its connection has to be closed after the answer. */
function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bodyBytesMax) chunks.push(chunk);
      else reject(new BodyTooLargeError(`the body is longer than ${bodyBytesMax} bytes`));
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}

/** As Go's strconv.ParseBool reads them. */
function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  return undefined;
}
