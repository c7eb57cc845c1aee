/**
 * The store: revisioned keys with etcd v3's semantics (the contract is store.ts), embedded in this process or on an etcd
 * cluster. May import core/async only, and is imported by the API server and the composition root only.
 */
export { fillEmbeddedStore, holdsEmbeddedStore, moveEmbeddedStore } from './embedded/fill.ts';
export { type EmbeddedStoreOptions, openEmbeddedStore } from './embedded/index.ts';
export { type EtcdStoreOptions, openEtcdStore } from './etcd/index.ts';
export { shifted } from './shifted.ts';
export * from './store.ts';
