/** The door of the secure port: who is it, and may he do that. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { ApiError } from '../../api/status.ts';
import type { Cache } from '../cache.ts';
import { routeOf } from '../http/route.ts';
import { isAllowed, type Wish } from './rules.ts';
import { userOf } from './user.ts';

/** Throws Unauthorized or Forbidden. */
export function checkAccess(request: IncomingMessage, path: string, cache: Cache): void {
  const user = userOf(request.socket as TLSSocket);
  if (!user) throw new ApiError('Unauthorized', 'Unauthorized', {});
  const { method = '' } = request;
  const target = targetOf(path);
  const wish: Wish = { method, path, ...(target && { target }) };
  if (isAllowed(user, wish, cache)) return;
  const what = target ? `${method} ${target.kind.plural}` : `${method} ${path}`;
  throw new ApiError('Forbidden', `forbidden: user ${JSON.stringify(user.name)} cannot ${what}`, {});
}

/** A path that leads nowhere is an error that the request itself will meet, once it is let in. */
function targetOf(path: string): Wish['target'] {
  try {
    return routeOf(path);
  } catch {
    return undefined;
  }
}
