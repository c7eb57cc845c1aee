/** A transport whose writes hold only as long as a lease does: the API server refuses those of a term that is over. */
import type { ApiRequest, Term } from '../api/request.ts';
import { ApiError } from '../api/status.ts';
import type { Transport } from './transport.ts';

const writes = new Set<ApiRequest['verb']>(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** `term` is undefined when there is none; then writes are refused on the spot. */
export function withinTerm(transport: Transport, term: () => Term | undefined): Transport {
  return {
    async send(request, signal) {
      if (!writes.has(request.verb)) return transport.send(request, signal);
      const now = term();
      if (!now) throw new ApiError('Conflict', 'the component that wanted to write is not the leader any more');
      return transport.send({ ...request, options: { ...request.options, term: now } }, signal);
    },
    watch: (request, signal) => transport.watch(request, signal),
    stream: (request, signal) => transport.stream(request, signal),
    raw: (path) => transport.raw(path),
    download: (path, signal) => transport.download(path, signal),
    close: () => transport.close(),
  };
}
