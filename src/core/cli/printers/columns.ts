/** Text tables as kubectl writes them: left-aligned columns three spaces apart, the last one not padded. */

const gap = 3;
/** kubectl's tabwriter never makes a column narrower, gap included. */
const narrowest = 6;

export function writeColumns(rows: readonly (readonly string[])[]): string {
  return new ColumnWriter().write(rows);
}

/** Remembers the widths it has used, so that rows of a watch line up with those before them. */
export class ColumnWriter {
  readonly #widths: number[] = [];

  write(rows: readonly (readonly string[])[]): string {
    for (const row of rows) {
      for (let i = 0; i < row.length; i++) {
        this.#widths[i] = Math.max(this.#widths[i] ?? narrowest, width(row[i]!) + gap);
      }
    }
    let out = '';
    for (const row of rows) {
      for (let i = 0; i < row.length - 1; i++) out += pad(row[i]!, this.#widths[i]!);
      out += `${row.at(-1) ?? ''}\n`;
    }
    return out;
  }
}

const isAscii = /^[\x20-\x7e]*$/;

/** Characters, not UTF-16 units. */
function width(cell: string): number {
  return isAscii.test(cell) ? cell.length : [...cell].length;
}

function pad(cell: string, to: number): string {
  return cell + ' '.repeat(Math.max(0, to - width(cell)));
}
