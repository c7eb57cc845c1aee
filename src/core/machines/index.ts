/**
 * Machines besides their nodes: the discovery service, where the members of a new etcd cluster find each other; the files
 * that say what a machine shall be, cloud-config and Vagrant's config.rb; fleet's API, in
 * fleet/, loaded by itself; the etcd member of a host, and the hosts that are isolated machines of this one.
 * May import: core/async, core/api, core/pki, core/store, core/client.
 */
export { apply } from './cloud-config/apply.ts';
export { type Finding, formatFinding } from './cloud-config/findings.ts';
export { parseUserData, type UserData } from './cloud-config/index.ts';
export { type MachineKind, machineKinds, notApplied } from './cloud-config/not-applied.ts';
export { requestToken } from './discovery/client.ts';
export { type Discovery, type DiscoveryOptions, startDiscovery } from './discovery/index.ts';
export { type Formation, formationUnder, withdraw } from './discovery/members.ts';
export { clientPort, EtcdMember, holdsMember, peerPort, stopMember } from './etcd/member.ts';
export { type EtcdFiles, isHealthy, type Member, membersOf, removeMember } from './etcd/membership.ts';
export { killContainers, removeCgroups, startEngine, stopEngine } from './isolated/engine.ts';
export { type Place, placeOf } from './isolated/place.ts';
export { enterRoot, mountRoot, removeRoot } from './isolated/root.ts';
export { type Joined, joinWithCertificate, joinWithToken, SilentServerError } from './joining.ts';
export { hasSystemd, installUnit, removeUnit, startUnit } from './systemd.ts';
export { parseConfigRb } from './vagrant/config-rb.ts';
