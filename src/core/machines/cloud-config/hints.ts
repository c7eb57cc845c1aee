/** What a key that is not known was probably meant to be. */
import { nearest } from '../../api/nearest.ts';
import type { Fields } from './schema.ts';

export class Hints {
  /** Name → where such a key may stand. */
  readonly #places = new Map<string, string[]>();

  constructor(fields: Fields) {
    this.#collect(fields, '');
  }

  /** For `name`, found where `fields` may stand. The commonest mistake is lost indentation, so other places come first. */
  unknown(name: string, fields: Fields): string {
    const elsewhere = this.#places.get(name);
    if (elsewhere) return `it belongs ${elsewhere.join(' or ')}`;
    const known = Object.keys(fields);
    const close = nearest(name, known);
    return close ? `did you mean "${close}"?` : `allowed: ${known.join(', ')}`;
  }

  #collect(fields: Fields, path: string): void {
    for (const [name, field] of Object.entries(fields)) {
      const places = this.#places.get(name) ?? [];
      this.#places.set(name, [...places, path ? `under ${path}` : 'at the top level']);
      if ('fields' in field) {
        const below = path ? `${path}.${name}` : name;
        this.#collect(field.fields, field.type === '[]struct' ? `${below}[]` : below);
      }
    }
  }
}
