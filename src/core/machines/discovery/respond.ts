/** Answers: texts for people, and bodies of the keys API with the headers that members need. */
import type { ServerResponse } from 'node:http';
import type { KeysError } from './answers.ts';
import type { Indexed } from './registry.ts';

export interface Text {
  status: number;
  text: string;
  headers?: Readonly<Record<string, string>>;
}

export const notFound: Text = {
  status: 404,
  text: '404 page not found\n',
  headers: { 'X-Content-Type-Options': 'nosniff' },
};

/** An answer in plain text that is thrown. */
export class TextError extends Error {
  readonly answer: Text;
  constructor(answer: Text) {
    super(answer.text);
    this.answer = answer;
  }
}

const lengthOf = (body: string) => ({ 'Content-Length': Buffer.byteLength(body) });

/** Without X-Etcd-Index a member sees itself twice: it has no other way to know from where to wait. */
function keysHeaders(index: number): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'X-Etcd-Index': String(index),
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'POST, GET, OPTIONS, PUT, DELETE',
    'Access-Control-Allow-Headers': 'accept, content-type, authorization',
  };
}

export function sendKeys(response: ServerResponse, { answer, index }: Indexed, status = 200): void {
  const body = `${JSON.stringify(answer)}\n`;
  response.writeHead(status, { ...keysHeaders(index), ...lengthOf(body) }).end(body);
}

export function sendText(response: ServerResponse, { status, text, headers = {} }: Text): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...lengthOf(text), ...headers }).end(text);
}

export function sendKeysError(response: ServerResponse, { status, body, index }: KeysError, storeIndex: number): void {
  response.writeHead(status, { ...keysHeaders(index || storeIndex), ...lengthOf(body) }).end(body);
}

/** What a wait comes to in which nothing happened. */
export function sendNothing(response: ServerResponse, index: number): void {
  response.writeHead(200, keysHeaders(index)).end();
}
