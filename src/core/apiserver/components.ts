/** How the parts of the control plane are: what componentstatuses answer. */
import type { Store } from '../store/store.ts';
import type { Component } from './context.ts';

/** The store takes etcd's name, by which scripts know it. */
export function storeComponent(store: Store): Component {
  return {
    name: 'etcd-0',
    async check() {
      await store.range({ prefix: '/registry/health', limit: 1 });
      return '{"health": "true"}';
    },
  };
}
