/** How the keys of a cloud-config are described: types by Go's names, which the findings use. */

export type Field =
  | {
      readonly type: 'string';
      readonly values?: readonly string[];
      readonly pattern?: RegExp;
      readonly example?: string;
    }
  | { readonly type: 'bool' | 'int' | 'float64' | '[]string' }
  | { readonly type: 'struct' | '[]struct'; readonly fields: Fields };

/** By name, with `_` between the words. */
export interface Fields {
  readonly [name: string]: Field;
}

/** The value that is read for a field. */
export type ValueOf<F> = F extends { type: 'string'; values: readonly (infer V)[] }
  ? V
  : F extends { type: 'string' }
    ? string
    : F extends { type: 'bool' }
      ? boolean
      : F extends { type: 'int' | 'float64' }
        ? number
        : F extends { type: '[]string' }
          ? string[]
          : F extends { type: 'struct'; fields: infer T }
            ? ValuesOf<T>
            : F extends { type: '[]struct'; fields: infer T }
              ? ValuesOf<T>[]
              : never;

/** What is not in the file is not in the value. */
export type ValuesOf<T> = { -readonly [K in keyof T]?: ValueOf<T[K]> };

export const string = { type: 'string' } as const;
export const bool = { type: 'bool' } as const;
export const int = { type: 'int' } as const;
export const float64 = { type: 'float64' } as const;
export const strings = { type: '[]string' } as const;
export const oneOf = <const V extends readonly string[]>(...values: V) => ({ type: 'string', values }) as const;
export const matching = (pattern: RegExp, example: string) => ({ type: 'string', pattern, example }) as const;
export const struct = <const F extends Fields>(fields: F) => ({ type: 'struct', fields }) as const;
export const structs = <const F extends Fields>(fields: F) => ({ type: '[]struct', fields }) as const;
