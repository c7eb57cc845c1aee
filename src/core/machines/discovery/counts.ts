/** Requests counted by kind, code and method, under the names that the original gives them in /metrics. */
import type { Route } from './routes.ts';

const countedAs: Readonly<Partial<Record<Route['to'], string>>> = { new: 'new', health: 'health', token: 'token' };
const countedMethods = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];

export class Counts {
  readonly #counts = new Map<string, number>();

  add(to: Route['to'], method = '', code: number): void {
    const endpoint = countedAs[to];
    if (!endpoint) return;
    // Whoever invents methods does not make the counters grow.
    const known = countedMethods.includes(method) ? method.toLowerCase() : 'other';
    const name = `${familyOf(endpoint)}{code="${code}",method="${known}"}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  text(): string {
    const families = Object.values(countedAs).map((endpoint) => {
      const name = familyOf(endpoint);
      const samples = [...this.#counts]
        .filter(([key]) => key.startsWith(`${name}{`))
        .map(([key, n]) => `${key} ${n}\n`);
      return `# HELP ${name} Requests of this kind.\n# TYPE ${name} counter\n${samples.join('')}`;
    });
    return families.join('');
  }
}

const familyOf = (endpoint: string) => `endpoint_${endpoint}_requests_total`;
