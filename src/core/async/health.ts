/** Health, part by part, as Kubernetes tells it: `ok`, or which part is ill and why. */

/** What is wrong with a part; undefined when it is well. */
export type HealthCheck = () => Promise<string | undefined>;
export type HealthChecks = Readonly<Record<string, HealthCheck>>;

export interface HealthAnswer {
  readonly body: string;
  /** 200 unless given. */
  readonly code?: number;
}

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
export async function health(name: string, checks: HealthChecks, query: URLSearchParams): Promise<HealthAnswer> {
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
export async function healthOf(part: string, check: HealthCheck): Promise<HealthAnswer> {
  const problem = await problemOf(check);
  return problem === undefined ? { body: 'ok' } : { body: `${part} failed: ${problem}\n`, code: 500 };
}
