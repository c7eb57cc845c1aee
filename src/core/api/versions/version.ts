/** The versions of the core API before v1. At 0.17 the structures of v1 were still those of v1beta3. */
export const olderVersions = ['v1beta1', 'v1beta2', 'v1beta3'] as const;
export type OlderVersion = (typeof olderVersions)[number];

/** The shape before v1beta3: metadata inline, `desiredState` and `currentState`, the namespace in the query. */
export const isInline = (version: OlderVersion): boolean => version !== 'v1beta3';
