/** Writing the text of `describe`: keys and values in aligned columns, as kubectl lays them out. */
import type { KubeObject, Stored } from './object.ts';

/** Collects lines of cells, then aligns them. */
export class Description {
  readonly #lines: string[][] = [];

  /** One line: an indentation of two blanks a level, then cells. */
  line(level: number, ...cells: (string | number)[]): this {
    const [first = '', ...rest] = cells.map(oneLine);
    this.#lines.push([first && '  '.repeat(level) + first, ...rest]);
    return this;
  }

  /** `Key:` beside the first value and the other values below it; `<none>` when there are none. */
  values(level: number, key: string, values: readonly string[]): this {
    this.line(level, `${key}:`, values[0] ?? '<none>');
    for (const value of values.slice(1)) this.line(level, '', value);
    return this;
  }

  /** What kubectl begins with. */
  head({ metadata }: Stored<KubeObject>): this {
    this.line(0, 'Name:', metadata.name);
    if (metadata.namespace) this.line(0, 'Namespace:', metadata.namespace);
    return this;
  }
  labels(level: number, labels: StringMap | undefined): this {
    return this.values(level, 'Labels', pairs(labels, '='));
  }
  annotations(level: number, annotations: StringMap | undefined): this {
    return this.values(level, 'Annotations', pairs(annotations, ': '));
  }

  toString(): string {
    return align(this.#lines);
  }
}

type StringMap = Readonly<Record<string, string>>;

/** Keys and values, sorted by key. */
export function sorted(map: StringMap = {}): [string, string][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `key=value` texts, sorted by key. */
export function pairs(map: StringMap | undefined, between: string): string[] {
  return sorted(map).map(([key, value]) => `${key}${between}${value}`);
}

/** Values of users cannot break lines or drive the terminal. */
const oneLine = (cell: string | number) =>
  String(cell)
    .replace(/\s*[\r\n\t]+\s*/g, ' ')
    .replace(/\p{Cc}/gu, '?');

/**
 * A column is a run of lines that have a cell there with another behind it; it is as wide as its widest cell and two
 * blanks (Go's text/tabwriter, which kubectl uses).
 */
function align(lines: readonly (readonly string[])[]): string {
  const padded = lines.map((cells) => [...cells]);
  for (let column = 0; padded.some((cells) => cells.length - 1 > column); column++) {
    let start = 0;
    while (start < padded.length) {
      let end = start;
      while (end < padded.length && padded[end]!.length - 1 > column) end++;
      const run = padded.slice(start, end);
      const width = Math.max(0, ...run.map((cells) => cells[column]!.length)) + 2;
      for (const cells of run) cells[column] = cells[column]!.padEnd(width);
      start = end + 1;
    }
  }
  return padded.map((cells) => `${cells.join('').trimEnd()}\n`).join('');
}

/** RFC 1123 with a numeric zone, as kubectl prints times, always UTC. */
export function describeTime(timestamp: string | null | undefined): string {
  return timestamp ? new Date(timestamp).toUTCString().replace('GMT', '+0000') : '<unknown>';
}
