/** Pages of other origins, where the administrator lets them in (apiserver server/filters/cors.go). */
import type { IncomingMessage, ServerResponse } from 'node:http';

const headers = {
  'Access-Control-Allow-Methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'Access-Control-Allow-Headers':
    'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'Access-Control-Expose-Headers': 'Date',
  'Access-Control-Allow-Credentials': 'true',
};

export class Cors {
  readonly #origins: readonly RegExp[];

  /** Regular expressions, as `--cors-allowed-origins` of kube-apiserver takes them. None: nobody is let in. */
  constructor(origins: readonly string[]) {
    this.#origins = origins.map((origin) => new RegExp(origin, 'i'));
  }

  /** Whether the request comes from a page that is let in; the browser then learns so from the answer. */
  admits({ headers: { origin } }: IncomingMessage, response: ServerResponse): boolean {
    if (origin === undefined || !this.#origins.some((allowed) => allowed.test(origin))) return false;
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Vary', 'Origin');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    return true;
  }
}
