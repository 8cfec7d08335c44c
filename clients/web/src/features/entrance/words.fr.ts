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
  phone: {
    asking: "Question envoyée à votre téléphone…",
    text: "Ouvrez l’application e-CPS sur votre téléphone, puis approuvez.",
    code: (digits: string) => `Code à comparer : ${digits}`,
    compare: "Le même code doit s’afficher sur le téléphone. S’il est différent, refusez.",
    left: (seconds: number) => `Encore ${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`,
    again: "Redemander au téléphone",
    refused: {
      late: "Le téléphone n’a pas répondu à temps. Redemandez quand vous l’avez en main.",
      declined: "Refusé sur le téléphone, ou ce numéro n’a pas d’e-CPS. Vérifiez-le, puis redemandez.",
      begin_again: "La question a expiré. Redemandez quand vous avez le téléphone en main.",
      another_person: "Ce compte n’est pas relié à une e-CPS. Choisissez un autre moyen.",
      provider_unavailable: "Pro Santé Connect ne répond pas pour le moment. Choisissez un autre moyen, ou réessayez.",
      not_offered: "Ce Relais ne propose pas l’e-CPS. Choisissez un autre moyen.",
      not_proven: "La réponse du téléphone ne prouve pas votre identité. Redemandez.",
      level_too_low: "La réponse du téléphone n’a pas le niveau demandé. Utilisez la carte, ou un autre moyen.",
      not_practising: "Le répertoire ne vous connaît plus d’exercice en cours : voyez votre ordre.",
      suspended: "Ce compte est suspendu. Demandez pourquoi à la personne qui administre ce Relais.",
      identity_conflict: "Plusieurs comptes portent vos numéros. Écrivez à la personne qui administre ce Relais.",
      invalid: "Ce numéro n’est ni un RPPS ni un ADELI. Vérifiez-le.",
    } as Record<string, string>,
  },
};
