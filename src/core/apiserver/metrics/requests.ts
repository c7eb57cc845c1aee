/** Requests by verb, resource and code, and how long they took. */
import { type Family, Histogram } from './exposition.ts';

/** Seconds. From what the cache answers at once to what a client gives up on. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Series {
  readonly labels: { readonly verb: string; readonly resource: string; readonly subresource: string };
  readonly codes: Map<number, number>;
  readonly durations: Histogram;
}

/** Verbs and resources are ours, so there are never more series than kinds have verbs. */
export class RequestMetrics {
  /** By resource, subresource and verb. */
  readonly #series = new Map<string, Map<string, Map<string, Series>>>();

  /** `seconds` is left out for streams, which last as long as the client likes. */
  record(verb: string, resource: string, subresource: string, code: number, seconds: number | undefined): void {
    // Step by step: to join the words would cost more than to look them up.
    const series = below(below(below(this.#series, resource, newMap), subresource, newMap), verb, () => ({
      labels: { verb, resource, subresource },
      codes: new Map(),
      durations: new Histogram(bounds),
    }));
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    if (seconds !== undefined) series.durations.observe(seconds);
  }

  families(): Family[] {
    const all = [...this.#series.values()].flatMap((subs) =>
      [...subs.values()].flatMap((verbs) => [...verbs.values()]),
    );
    return [
      {
        name: 'apiserver_request_total',
        type: 'counter',
        help: 'Requests answered, by verb, resource and code.',
        samples: all.flatMap(({ labels, codes }) =>
          [...codes].map(([code, value]) => ({ labels: { ...labels, code }, value })),
        ),
      },
      {
        name: 'apiserver_request_duration_seconds',
        type: 'histogram',
        help: 'Time from the arrival of a request to the end of its answer; streams are left out.',
        samples: all.flatMap(({ labels, durations }) => durations.samples(labels)),
      },
    ];
  }
}

const newMap = () => new Map();

function below<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
