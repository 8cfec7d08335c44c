/** The layout of a column of hours. Pure. */

/** The hours shown: 8 to 19, more when something is earlier or later. */
export function hoursShown(spans: { from: number; to: number }[]): { first: number; last: number } {
  const first = Math.min(8, ...spans.map(span => Math.floor(span.from)));
  const last = Math.max(19, ...spans.map(span => Math.ceil(span.to)));
  return { first: Math.max(0, first), last: Math.min(24, last) };
}

/** Places overlapping spans side by side: the column of each, and how many columns its neighbours need. */
export function placeOverlaps(spans: { from: number; to: number }[]): { column: number; of: number }[] {
  const order = spans.map((span, at) => ({ ...span, at })).sort((one, two) => one.from - two.from || two.to - one.to);
  const placed: { column: number; of: number }[] = spans.map(() => ({ column: 0, of: 1 }));
  let group: { at: number; to: number; column: number }[] = [];
  const close = () => {
    const width = Math.max(1, ...group.map(member => member.column + 1));
    for (const member of group) placed[member.at] = { column: member.column, of: width };
    group = [];
  };
  for (const span of order) {
    if (group.every(member => member.to <= span.from)) close();
    const taken = new Set(group.filter(member => member.to > span.from).map(member => member.column));
    let column = 0;
    while (taken.has(column)) column += 1;
    group.push({ at: span.at, to: span.to, column });
  }
  close();
  return placed;
}
