/** The paths under which the older versions had their objects, and told so in every selfLink. */
import { isInline, type OlderVersion } from './version.ts';

export interface Location {
  readonly version: OlderVersion;
  /** The name of the resource as the request had it: nodes were minions, and answered to both. */
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface Named {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** `/api/v1beta1/pods/web?namespace=default`, `/api/v1beta3/namespaces/default/pods/web`; without a name, the list. */
export function selfLink({ version, plural, namespaced }: Location, { namespace, name, subresource }: Named): string {
  const inline = isInline(version);
  const parts = ['', 'api', version];
  if (!inline && namespaced && namespace) parts.push('namespaces', namespace);
  parts.push(plural);
  if (name) parts.push(name);
  if (subresource) parts.push(subresource);
  // Lists over all namespaces have an empty one.
  const query = inline && namespaced ? `?namespace=${namespace ?? ''}` : '';
  return `${parts.join('/')}${query}`;
}
