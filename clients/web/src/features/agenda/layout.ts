/** Where things stand in a column of hours. Pure. */

/** From which hour to which, so that everything is in sight: eight to seven, more when something is outside. */
export function hoursShown(spans: { from: number; to: number }[]): { first: number; last: number } {
  const first = Math.min(8, ...spans.map(span => Math.floor(span.from)));
  const last = Math.max(19, ...spans.map(span => Math.ceil(span.to)));
  return { first: Math.max(0, first), last: Math.min(24, last) };
}

/** The lane of each span and how many besideEachOther its neighbours need, so that none covers another. */
export function besideEachOther(spans: { from: number; to: number }[]): { lane: number; of: number }[] {
  const order = spans.map((span, at) => ({ ...span, at })).sort((one, two) => one.from - two.from || two.to - one.to);
  const placed: { lane: number; of: number }[] = spans.map(() => ({ lane: 0, of: 1 }));
  let group: { at: number; to: number; lane: number }[] = [];
  const close = () => {
    const width = Math.max(1, ...group.map(member => member.lane + 1));
    for (const member of group) placed[member.at] = { lane: member.lane, of: width };
    group = [];
  };
  for (const span of order) {
    if (group.every(member => member.to <= span.from)) close();
    const taken = new Set(group.filter(member => member.to > span.from).map(member => member.lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    group.push({ at: span.at, to: span.to, lane });
  }
  close();
  return placed;
}
