/** The table of verbs, each in its own file and loaded when it is used. Verbs import core/cli and what it stands on. */
import type { VerbTable } from '../core/cli/main.ts';

export const verbs: VerbTable = {
  daemon: () => import('./daemon.ts'),
  destroy: () => import('./destroy.ts'),
  get: () => import('./get.ts'),
  halt: () => import('./halt.ts'),
  status: () => import('./status.ts'),
  up: () => import('./up.ts'),
};
