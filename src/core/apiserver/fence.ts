/**
 * Writes of elected components hold only as long as the component's lease does. The request names the term in which it was
 * made; here it is compared with the lease, and in the write's transaction the lease must still be the same. A component
 * that was paused over the end of its term, and does not know it, can so change nothing any more, whatever its clock says.
 */
import { Lease } from '../api/kinds/index.ts';
import type { Term } from '../api/request.ts';
import { conflict } from '../api/status.ts';
import type { Compare } from '../store/store.ts';
import type { Cache } from './cache.ts';

/** The condition under which a write of this term may happen. Throws Conflict when the lease is another's. */
export function withinTerm(cache: Cache, { namespace, name, holder, transitions }: Term): Compare {
  const leases = cache.resource(Lease);
  const key = leases.key(namespace, name);
  const entry = leases.get(key);
  const spec = (entry?.object as Lease | undefined)?.spec ?? {};
  if (!entry || spec.holderIdentity !== holder || (spec.leaseTransitions ?? 0) !== transitions) {
    throw conflict(Lease, name, `its term is over for ${holder}: ${spec.holderIdentity || 'nobody'} holds the lease`);
  }
  return { key, target: 'mod', is: '=', value: entry.revision };
}
