/**
 * Machines besides their nodes: the discovery service, where the members of a new etcd cluster find each other; the files
 * that say what a machine shall be, cloud-config and Vagrant's config.rb; and fleet's API, in fleet/, loaded by itself.
 * May import: core/async, core/api, core/store, core/client.
 */
export { apply } from './cloud-config/apply.ts';
export { type Finding, formatFinding } from './cloud-config/findings.ts';
export { parseUserData, type UserData } from './cloud-config/index.ts';
export { machineKinds, notApplied } from './cloud-config/not-applied.ts';
export { requestToken } from './discovery/client.ts';
export { type Discovery, type DiscoveryOptions, startDiscovery } from './discovery/index.ts';
export { parseConfigRb } from './vagrant/config-rb.ts';
