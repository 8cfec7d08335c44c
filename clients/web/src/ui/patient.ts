import { words } from "../i18n";

interface Named {
  civility?: string;
  first_names: string;
  family_name: string;
}

/** "Mme Odile MARCHANDEAU": the family name in capitals, as on French medical documents. */
export function patientName({ civility, first_names, family_name }: Named): string {
  const title = words.value.patient.civilityShort[civility as "mme" | "m" | "none"];
  return [title, first_names, family_name.toLocaleUpperCase()].filter(Boolean).join(" ");
}

/** "MARCHANDEAU Odile": where space is short, the family name is what must not be cut. */
export function patientShortName({ first_names, family_name }: Named): string {
  return [family_name.toLocaleUpperCase(), first_names].filter(Boolean).join(" ");
}
