/** What stands beside the screens outside the application, in French. */

export const fr = {
  tagline: "La suite du soin, sans changer de fenêtre.",
  promise: [
    ["Une question", "à un confrère vérifié"],
    ["Un avis", "tracé, avec une issue"],
    ["Un rendez-vous", "réservé dans la discussion"],
    ["Un compte rendu", "qui revient au même endroit"],
  ] as [string, string][],
  hosted: "Hébergé par votre établissement. Données de santé chiffrées.",
  step: (at: number, of: number) => `Étape ${at} sur ${of}`,
};
