/** Health: /livez, /readyz and /healthz with their parts, and the older /validate of the components. */
import type { Component } from '../context.ts';
import type { RawAnswer } from './raw.ts';

/** What is wrong with a part; undefined when it is well. */
export type HealthCheck = () => Promise<string | undefined>;
export type HealthChecks = Readonly<Record<string, HealthCheck>>;

/** That it answers at all. */
export const ping: HealthCheck = async () => undefined;

/** A check that fails to answer has failed. */
async function problemOf(check: HealthCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return (error as Error).message;
  }
}

/** `?verbose` tells part by part, `?exclude=NAME` leaves one out. */
export async function health(name: string, checks: HealthChecks, query: URLSearchParams): Promise<RawAnswer> {
  const excluded = query.getAll('exclude');
  const asked = Object.entries(checks).filter(([part]) => !excluded.includes(part));
  const found = await Promise.all(asked.map(async ([part, check]) => ({ part, problem: await problemOf(check) })));
  const ill = found.some(({ problem }) => problem !== undefined);
  if (!ill && !query.has('verbose')) return { body: 'ok' };
  const lines = found.map(({ part, problem }) =>
    problem === undefined ? `[+]${part} ok` : `[-]${part} failed: ${problem}`,
  );
  const code = ill ? 500 : 200;
  return { body: `${[...lines, `${name} check ${ill ? 'failed' : 'passed'}`].join('\n')}\n`, code };
}

/** One part alone. */
export async function healthOf(part: string, check: HealthCheck): Promise<RawAnswer> {
  const problem = await problemOf(check);
  return problem === undefined ? { body: 'ok' } : { body: `${part} failed: ${problem}\n`, code: 500 };
}

/** /validate as Kubernetes 0.17 answers it, whatever it finds: 200, and JSON that says it is a text. */
export async function validateComponents(components: readonly Component[]): Promise<RawAnswer> {
  const found = components.map(async ({ name: component, check }) => {
    try {
      const msg = await check();
      if (msg === undefined) return { component, health: 'unknown', healthCode: 2 };
      return { component, health: 'success', msg, err: 'nil' };
    } catch (error) {
      return { component, health: 'failure', healthCode: 1, err: (error as Error).message };
    }
  });
  return { body: JSON.stringify(await Promise.all(found), null, 2) };
}
