/** A file's name and size as they are shown. Pure. */

/** The name in two parts, of which the first one is cut where there is no room: its ending always shows. */
export function nameParts(name: string): [string, string] {
  const dot = name.lastIndexOf(".");
  return dot > 0 && name.length - dot <= 6 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}

/** What stands on the tile of a file, by what its content is. */
export function kindOf(type: string): "pdf" | "img" | "aud" | "doc" {
  if (type === "application/pdf") return "pdf";
  if (type.startsWith("image/")) return "img";
  return type.startsWith("audio/") ? "aud" : "doc";
}

/** Bytes in thousands, or in millions with one digit after the comma: "640 ko", "12,8 Mo". */
export function sizeIn(locale: string, bytes: number): string {
  const large = bytes >= 999_500;
  const value = large ? bytes / 1_000_000 : Math.max(1, bytes / 1_000);
  const unit = large ? "megabyte" : "kilobyte";
  const digits = large ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: digits }).format(value);
}
