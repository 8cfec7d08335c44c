/** How agendas are told apart. */

interface Placed {
  name: string;
  place?: string;
  city?: string;
}

/** "Clinique du Marais, Redon": the site and its town; with the agenda's own name when another one is there too. */
export function placeOf(agenda: Placed, among: readonly Placed[]): string {
  const site = ({ place, city }: Placed): string => [place, city].filter(Boolean).join(", ");
  const here = site(agenda);
  const alone = among.filter(other => site(other) === here).length < 2;
  return here && alone ? here : [agenda.name, here].filter(Boolean).join(", ");
}
