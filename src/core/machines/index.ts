/**
 * Machines before they are nodes: the discovery service, where the members of a new etcd cluster find each other.
 * May import: core/async, core/api, core/store.
 */
export { requestToken } from './discovery/client.ts';
export { type Discovery, type DiscoveryOptions, startDiscovery } from './discovery/index.ts';
