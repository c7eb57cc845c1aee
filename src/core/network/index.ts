/**
 * Addresses on this host: which ranges are free, and the interface that carries the local machines' addresses.
 * May import async and api.
 */
export { createMachineInterface, interfaceName, removeMachineInterface } from './machine-interface.ts';
export { following, freeRange, usedRanges } from './subnets.ts';
