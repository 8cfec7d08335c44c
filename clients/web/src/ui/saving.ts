/** Gives the reader a file that was made here. */
export function saved(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Lines of a table with the mark without which Excel reads no accents. */
export function asTable(lines: string): string {
  return `\ufeff${lines}`;
}
