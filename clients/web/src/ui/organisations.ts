/** How organisations are told apart. Pure. */

interface Named {
  id: string;
  name: string;
  city?: string;
  parent_name?: string;
}

/** "Cardiologie, CHU de Rennes": a service with its establishment; "Cabinet des Lices, Redon": the town too, where another
 * one has the same name. */
export function organisationName(one: Named, among: readonly Named[]): string {
  const whole = ({ name, parent_name }: Named): string => [name, parent_name].filter(Boolean).join(", ");
  const alike = among.filter(other => other.id !== one.id && whole(other) === whole(one));
  return [whole(one), alike.length ? one.city : undefined].filter(Boolean).join(", ");
}
