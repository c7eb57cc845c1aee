/**
 * What a cluster needs of this host's network: free address ranges, the interface that carries the addresses of shared
 * local machines, bridge and namespaces of isolated ones, the way to other machines' pods. May import async, api and client.
 */
export { bridgeName, ensureBridge, gatewayOf, removeBridge } from './bridge.ts';
export { createMachineInterface, removeMachineInterface } from './machine-interface.ts';
export {
  ensureNamespace,
  inNamespace,
  namespaceName,
  namespacesOf,
  removeNamespace,
} from './namespaces.ts';
export { removePodRoutes, startPodRoutes } from './pod-routes.ts';
export { following, freeRange, usedRanges } from './subnets.ts';
