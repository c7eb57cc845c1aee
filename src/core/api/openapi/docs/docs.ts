/** Sentences by struct, then by field; '' is the struct itself. */
export type Docs = Readonly<Record<string, Readonly<Record<string, string>>>>;
