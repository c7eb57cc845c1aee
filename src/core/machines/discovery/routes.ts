/** The paths of a discovery service, and who answers them. */
import type { Place } from './registry.ts';

export type Route =
  | { to: 'new' | 'health' | 'robots' | 'metrics' | 'index' }
  | { to: 'token'; place: Place; methods: readonly string[] };

/** Undefined when nothing is there. etcd 0.4 asks for `//TOKEN`; redirecting its PUTs would turn them into GETs. */
export function routeOf(path: string): Route | undefined {
  const clean = path.replaceAll(/\/{2,}/g, '/');
  const fixed = fixedRoutes[clean];
  if (fixed) return { to: fixed };
  const [, token = '', rest = ''] = /^\/([a-f0-9]{32})(\/.*)?$/.exec(clean) ?? [];
  if (!token) return undefined;
  if (rest === '' || rest === '/') return { to: 'token', place: { token }, methods: ['GET', 'PUT'] };
  if (rest === '/_config/size') return { to: 'token', place: { token, name: '_config/size' }, methods: ['GET'] };
  const name = decodeName(rest.slice(1));
  if (!name || name.includes('/')) return undefined;
  return { to: 'token', place: { token, name }, methods: ['GET', 'PUT', 'DELETE'] };
}

const fixedRoutes: Readonly<Record<string, Exclude<Route['to'], 'token'>>> = {
  '/': 'index',
  '/new': 'new',
  '/health': 'health',
  '/robots.txt': 'robots',
  '/metrics': 'metrics',
};

function decodeName(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
