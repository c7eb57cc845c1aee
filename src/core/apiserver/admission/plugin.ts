/** What an admission plug-in sees of a write, and what it may do. */
import type { KubeObject, Stored } from '../../api/object.ts';
import type { Compare } from '../../store/store.ts';
import type { Cache } from '../cache.ts';
import type { Context } from '../context.ts';
import type { AnyKind } from '../entry.ts';
import type { Guard } from '../guards.ts';

export interface AdmissionRequest {
  readonly verb: 'create' | 'update' | 'delete';
  readonly kind: AnyKind;
  readonly namespace: string | undefined;
  readonly name: string;
  /** The object about to be stored, which plug-ins may change; undefined for deletes. */
  readonly object: KubeObject | undefined;
  readonly old: Stored | undefined;
  readonly cache: Cache;
  /** Conditions on other keys under which the write is allowed: checked again in the write's own transaction. */
  readonly compare: Compare[];
  /** Of the plug-ins that have any. */
  readonly guards: readonly Guard[];
  /** Called when the write is in the cache, or has failed: what was promised to it can be forgotten. */
  readonly onSettled: (() => void)[];
}

type Asked = Omit<AdmissionRequest, 'cache' | 'compare' | 'guards' | 'onSettled'>;

export interface AdmissionPlugin {
  readonly name: string;
  /** Names of what other servers may decide on at the same moment, where several share a store: see guards.ts. */
  guards?(asked: Asked, cache: Cache): readonly string[];
  /**
   * Throws ApiError to refuse. Called again with a fresh object when a write is tried again. Answers at once unless it has
   * to write something first: writes that need not wait reach the store in the turn they came in.
   */
  admit(request: AdmissionRequest): void | Promise<void>;
}

/** Asks every plug-in, does the write, and tells them that it is over. */
export async function admitted<T>(
  { cache, guards }: Context,
  plugins: readonly AdmissionPlugin[],
  asked: Asked,
  write: (request: AdmissionRequest) => Promise<T>,
): Promise<T> {
  const names = guards ? plugins.flatMap((plugin) => plugin.guards?.(asked, cache) ?? []) : [];
  const taken = names.length > 0 ? await guards?.take(names) : undefined;
  const request: AdmissionRequest = { ...asked, cache, compare: [], guards: taken?.guards ?? [], onSettled: [] };
  try {
    for (const plugin of plugins) {
      const pending = plugin.admit(request);
      if (pending) await pending;
    }
    return await write(request);
  } finally {
    for (const fn of request.onSettled) fn();
    taken?.giveBack();
  }
}
