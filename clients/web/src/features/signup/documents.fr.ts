/** The two texts that everybody agrees to, in French. Whoever changes one changes its version, here and on the server. */

export const fr = {
  versions: { terms: "2026-11", data_agreement: "2026-11" },
  version: (version: string) => `Version ${version}`,
  texts: {
    terms: {
      title: "Conditions d’utilisation",
      parts: [
        [
          "Pour qui",
          "Relais sert aux professionnels de santé et à leurs équipes. Un compte est personnel : il n’est ni prêté, ni partagé. Chaque identité est vérifiée avant le premier échange.",
        ],
        [
          "Pour quoi",
          "Échanger à propos de patients que vous prenez en charge ou pour lesquels on vous demande un avis, adresser un patient, réserver, transmettre des documents. Vous restez tenu au secret professionnel, et n’ouvrez que ce dont la prise en charge a besoin.",
        ],
        [
          "Ce que Relais n’est pas",
          "Relais ne remplace ni le 15 ni le 112, ni le dossier du patient. Une urgence vitale passe par le téléphone. Ce qui doit rester au dossier y est reporté par vous.",
        ],
        [
          "Ce que vous écrivez",
          "Vous répondez de vos avis et de vos messages. Chaque lecture et chaque action est tracée, avec son auteur et son heure, et peut être consultée par ceux qui y ont droit.",
        ],
        [
          "Votre sécurité",
          "Vous gardez vos moyens de connexion pour vous, verrouillez vos appareils, et signalez sans attendre un appareil perdu ou un accès suspect.",
        ],
        [
          "Fin d’un compte",
          "Vous pouvez fermer votre compte à tout moment. Un compte est suspendu quand l’identité ou le droit d’exercer n’est plus établi, ou quand ces conditions ne sont pas respectées ; la raison et le recours vous sont dits.",
        ],
      ] as [string, string][],
    },
    data_agreement: {
      title: "Accord de protection des données",
      parts: [
        [
          "Qui répond de vos données",
          "L’organisme qui exploite ce Relais en est responsable. Les données y sont conservées chez un hébergeur de données de santé, chiffrées.",
        ],
        [
          "Lesquelles, et pourquoi",
          "Votre identité, votre numéro professionnel, vos lieux d’exercice et vos moyens de contact, pour vous identifier et pour que vos confrères vous trouvent. Vos messages, documents et rendez-vous, pour la prise en charge des patients. Les traces de connexion et d’accès, parce que la loi les demande.",
        ],
        [
          "La vérification de l’identité",
          "Par e-CPS ou carte CPS, seule votre identité professionnelle nous est transmise. Par formulaire, un prestataire compare votre pièce d’identité et une photo de votre visage ; Relais ne garde aucune image, seulement le résultat et sa référence. Vous pouvez retirer cet accord : ce que le prestataire garde est alors effacé.",
        ],
        [
          "Combien de temps",
          "Une inscription sans code est effacée au bout d’un jour. Le compte dure autant que vous l’utilisez. Les traces sont gardées le temps que la loi fixe, puis effacées.",
        ],
        [
          "Qui d’autre",
          "Personne en dehors de ceux avec qui vous échangez, des personnes qui gèrent votre organisation dans la limite de leurs droits, et des modérateurs pour votre seule vérification. Rien n’est vendu, rien ne sert à la publicité.",
        ],
        [
          "Vos droits",
          "Accès, rectification, effacement, limitation, opposition, portabilité : demandez à la personne qui administre ce Relais. Vous pouvez saisir la CNIL.",
        ],
      ] as [string, string][],
    },
  },
};
