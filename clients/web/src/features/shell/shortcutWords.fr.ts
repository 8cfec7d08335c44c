/** The keyboard’s shortcuts, in French. */

export const fr = {
  title: "Raccourcis clavier",
  list: [
    ["/", "Chercher"],
    ["Ctrl K", "Chercher"],
    ["Alt 1 … 6", "Changer de section"],
    ["N", "Nouvelle discussion"],
    ["↑ ↓", "Parcourir une liste"],
    ["Entrée", "Ouvrir, envoyer"],
    ["Maj Entrée", "Aller à la ligne"],
    ["R", "Répondre au message choisi"],
    ["E", "Modifier son message choisi"],
    ["Suppr", "Supprimer son message choisi"],
    ["Ctrl Z", "Annuler le message qui vient d’être envoyé"],
    ["Échap", "Revenir, fermer"],
    ["?", "Cette aide"],
  ] as [string, string][],
};
