/** fleetctl's tables: columns padded with tabs to the next stop of eight, the last one not padded. */

const stop = 8;

export function writeTabs(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => {
    const longest = Math.max(...rows.map((row) => row[i]?.length ?? 0));
    return Math.ceil((longest + 1) / stop) * stop;
  });
  return rows.map((row) => `${row.map((cell, i) => padded(cell, i, row.length, widths[i]!)).join('')}\n`).join('');
}

function padded(cell: string, i: number, length: number, width: number): string {
  return i === length - 1 ? cell : cell + '\t'.repeat(Math.ceil((width - cell.length) / stop));
}
