/**
 * Looks over the pages of an LMDB file before LMDB does: on a page that is not what it should be, or missing, LMDB ends the
 * whole process. Only what the newest transaction reaches counts; free pages may hold anything.
 *
 * LMDB (mdb.c, data version 2 of lmdb-js) has two head pages that take turns, and pages of
 *   number (8) · transaction (8) · – (2) · flags (2) · lower (2) · upper (2) · places of the nodes (2 each) · … · nodes
 * with nodes of `size or low part of a page number (4) · flags or its high part (2) · key size (2) · key · value`. Places
 * within a page are counted from behind its head.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const magic = 0xbeefc0de;
const dataVersion = 2;
const pageHead = 24;
const nodeHead = 8;
const branch = 0x01;
const leaf = 0x02;
const overflow = 0x04;
/** A node whose value lies on pages of its own. */
const bigData = 0x01;
const none = 0xffff_ffff_ffff_ffffn;

/** A tree as a head page describes it: depth and root lie at these places of its 48 bytes. */
const trees = { free: pageHead + 24, main: pageHead + 24 + 48 };
const lastPageAt = pageHead + 24 + 2 * 48;
const headSize = lastPageAt + 16;

export type Finding = { state: 'whole' } | { state: 'foreign' } | { state: 'damaged'; what: string };

/** The file must have something in it. One that another process writes to meanwhile counts as whole: that process opened it. */
export function inspectFile(path: string): Finding {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const head = headOf(file, size);
    if (!head) return { state: 'foreign' };
    const what = new Pages(file, size, head.pageSize).damage(head);
    const isStill = headOf(file, size)?.transaction === head.transaction;
    return what !== undefined && isStill ? { state: 'damaged', what } : { state: 'whole' };
  } finally {
    closeSync(file);
  }
}

interface Head {
  transaction: bigint;
  pageSize: number;
  roots: { number: bigint; depth: number }[];
}

/** Of the head page that was written last; undefined when the file is none of LMDB's. */
function headOf(file: number, size: number): Head | undefined {
  const first = Buffer.alloc(headSize);
  if (size < headSize || readSync(file, first, 0, headSize, 0) < headSize || !isHead(first)) return undefined;
  const pageSize = first.readUInt32LE(trees.free);
  const second = Buffer.alloc(headSize);
  const hasSecond = readSync(file, second, 0, headSize, pageSize) === headSize && isHead(second);
  const transactionOf = (head: Buffer) => head.readBigUInt64LE(lastPageAt + 8);
  const newest = hasSecond && transactionOf(second) > transactionOf(first) ? second : first;
  const rootOf = (tree: number) => ({
    number: newest.readBigUInt64LE(tree + 40),
    depth: newest.readUInt16LE(tree + 6),
  });
  return { transaction: transactionOf(newest), pageSize, roots: [rootOf(trees.free), rootOf(trees.main)] };
}

const isHead = (head: Buffer) =>
  head.readUInt32LE(pageHead) === magic && head.readUInt32LE(pageHead + 4) === dataVersion;

/** Pages read ahead: a tree's pages mostly lie one behind the other. */
const readAhead = 64;

class Pages {
  readonly #file: number;
  readonly #size: number;
  readonly #pageSize: number;
  readonly #chunk: Buffer;
  #chunkStart = -1;

  constructor(file: number, size: number, pageSize: number) {
    this.#file = file;
    this.#size = size;
    this.#pageSize = pageSize;
    this.#chunk = Buffer.alloc(readAhead * pageSize);
  }

  damage({ roots }: Head): string | undefined {
    for (const { number, depth } of roots) {
      const found = number === none ? undefined : this.#damageBelow(Number(number), depth);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** `depth` counts the levels from this page down to the leaves. */
  #damageBelow(number: number, depth: number): string | undefined {
    const page = this.#page(number);
    if (!page) return `it ends before page ${number}`;
    const wanted = depth > 1 ? branch : leaf;
    if (!isPage(page, number, wanted)) return `page ${number} is not what it should be`;
    const nodes = nodesOf(page);
    if (!nodes) return `page ${number} has nodes that do not fit into it`;
    // What is needed is taken out first: below, the memory of the page is used again.
    const children = depth > 1 ? nodes.map((at) => childOf(page, at)) : [];
    const values = depth > 1 ? [] : nodes.flatMap((at) => bigValueOf(page, at) ?? []);
    for (const child of children) {
      const found = this.#damageBelow(child, depth - 1);
      if (found !== undefined) return found;
    }
    return this.#damageIn(values);
  }

  /** Values on pages of their own; only the first of these has a head. */
  #damageIn(values: readonly { number: number; size: number }[]): string | undefined {
    for (const { number, size } of values) {
      if (number * this.#pageSize + pageHead + size > this.#size) return `it ends before page ${number}`;
      if (!isPage(this.#page(number)!, number, overflow)) return `page ${number} is not what it should be`;
    }
    return undefined;
  }

  #page(number: number): Buffer | undefined {
    if (!Number.isSafeInteger(number) || (number + 1) * this.#pageSize > this.#size) return undefined;
    if (this.#chunkStart === -1 || number < this.#chunkStart || number >= this.#chunkStart + readAhead) {
      readSync(this.#file, this.#chunk, 0, this.#chunk.length, number * this.#pageSize);
      this.#chunkStart = number;
    }
    const start = (number - this.#chunkStart) * this.#pageSize;
    return this.#chunk.subarray(start, start + this.#pageSize);
  }
}

const kinds = branch | leaf | overflow;

function isPage(page: Buffer, number: number, kind: number): boolean {
  return Number(page.readBigUInt64LE(0)) === number && (page.readUInt16LE(18) & kinds) === kind;
}

/** Where the nodes of a branch or leaf begin; undefined when one can't be. */
function nodesOf(page: Buffer): number[] | undefined {
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (lower > upper || upper > page.length - pageHead) return undefined;
  const isLeaf = (page.readUInt16LE(18) & leaf) !== 0;
  const nodes: number[] = [];
  for (let i = 0; i < lower; i += 2) {
    const at = pageHead + page.readUInt16LE(pageHead + i);
    if (at < pageHead + upper || at + nodeHead > page.length) return undefined;
    const end = at + nodeHead + page.readUInt16LE(at + 6) + (isLeaf ? valueSize(page, at) : 0);
    if (end > page.length || (isLeaf && (page.readUInt16LE(at + 4) & ~bigData) !== 0)) return undefined;
    nodes.push(at);
  }
  return nodes;
}

/** As far as it lies in the leaf. */
function valueSize(page: Buffer, at: number): number {
  return (page.readUInt16LE(at + 4) & bigData) === 0 ? page.readUInt32LE(at) : 8;
}

const childOf = (page: Buffer, at: number) => page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 2 ** 32;

function bigValueOf(page: Buffer, at: number): { number: number; size: number } | undefined {
  if ((page.readUInt16LE(at + 4) & bigData) === 0) return undefined;
  const value = at + nodeHead + page.readUInt16LE(at + 6);
  return { number: Number(page.readBigUInt64LE(value)), size: page.readUInt32LE(at) };
}
