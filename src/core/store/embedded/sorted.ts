/** sorted-btree is a CommonJS package whose class is its `default`; Node gives an importing module the whole exports object. */
import sortedBtree from 'sorted-btree';

export const BTree = sortedBtree.default;
export type BTree<K, V> = sortedBtree.default<K, V>;
