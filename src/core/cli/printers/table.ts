/** Prints the Tables that the server answers; no column is computed here. */

import type { Table, TableRow } from '../../api/table.ts';
import type { ObjectMeta } from '../../api/types/meta.ts';
import { ColumnWriter } from './columns.ts';

export interface TablePrinterOptions {
  wide: boolean;
  noHeaders: boolean;
  showLabels: boolean;
  /** Columns of single labels (`-L app`). */
  labelColumns: readonly string[];
  /** A NAMESPACE column in front (`-A`). */
  withNamespace: boolean;
  /** `pod` makes the first column `pod/web`: several kinds are printed one after the other. */
  kindPrefix?: string | undefined;
}

/** Prints one Table, then the rows of the Tables that a watch brings. */
export class TablePrinter {
  readonly #options: TablePrinterOptions;
  readonly #writer = new ColumnWriter();
  #shown: { name: string; index: number }[] | undefined;
  #headersDone: boolean;

  constructor(options: TablePrinterOptions) {
    this.#options = options;
    this.#headersDone = options.noHeaders;
  }

  print(table: Pick<Table, 'columnDefinitions' | 'rows'>): string {
    this.#shown ??= (table.columnDefinitions ?? [])
      .map((column, index) => ({ ...column, index }))
      .filter((column) => this.#options.wide || !column.priority);
    const rows = table.rows.map((row) => this.#cells(row));
    if (!this.#headersDone && rows.length > 0) rows.unshift(this.#headers());
    this.#headersDone ||= rows.length > 0;
    return this.#writer.write(rows);
  }

  #headers(): string[] {
    const { withNamespace, labelColumns, showLabels } = this.#options;
    return [
      ...(withNamespace ? ['NAMESPACE'] : []),
      ...this.#shown!.map((column) => column.name.toUpperCase()),
      ...labelColumns.map((key) => key.slice(key.lastIndexOf('/') + 1).toUpperCase()),
      ...(showLabels ? ['LABELS'] : []),
    ];
  }

  #cells(row: TableRow): string[] {
    const { withNamespace, labelColumns, showLabels, kindPrefix } = this.#options;
    const metadata = (row.object as { metadata?: ObjectMeta } | null)?.metadata;
    const labels = metadata?.labels ?? {};
    const cells = this.#shown!.map(({ index }) => oneLine(row.cells[index]));
    if (kindPrefix && cells.length > 0) cells[0] = `${kindPrefix}/${cells[0]}`;
    return [
      ...(withNamespace ? [metadata?.namespace || '<none>'] : []),
      ...cells,
      ...labelColumns.map((key) => labels[key] ?? ''),
      ...(showLabels ? [formatLabels(labels)] : []),
    ];
  }
}

/** A cell must not break its row: what follows a line end is cut off, as kubectl does. */
function oneLine(cell: TableRow['cells'][number] | undefined): string {
  if (cell === null || cell === undefined) return '<none>';
  const text = String(cell);
  const end = text.search(/[\n\r\f]/);
  return end < 0 ? text : `${text.slice(0, end)}...`;
}

export function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}
