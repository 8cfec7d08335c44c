/** Why something was not carried out, and what to do, in French. */

import type { Reason } from "../engine/problem";

/** Those that `i18n` has: they may have to be said before these are there. */
type Basic = "unavailable" | "internal" | "timeout" | "offline" | "unknown";

export const fr = {
  problems: {
    not_found: "Cet élément n’existe pas, ou vous n’y avez plus accès.",
    forbidden: "Vous n’avez pas le droit de faire cela. Demandez à la personne qui gère cet espace.",
    not_verified: "Votre identité doit être vérifiée avant d’aller plus loin.",
    second_factor_required: "Ajoutez un second facteur dans « Moi », ou connectez-vous avec lui, pour aller plus loin.",
    reauthentication_required: "Confirmez d’abord que c’est bien vous.",
    conflict: "Quelqu’un vient de modifier la même chose. Relisez, puis recommencez.",
    id_taken: "Cet envoi a déjà servi à autre chose. Recommencez.",
    slot_taken: "Ce créneau vient d’être pris. Choisissez-en un autre.",
    too_many_holds: "Vous tenez déjà autant de créneaux qu’il est possible. Réservez-en un, ou rendez-le d’abord.",
    too_many_bookings:
      "Vous avez pris autant de rendez-vous qu’il est possible dans cet agenda. Adressez-vous au cabinet pour les suivants.",
    too_many_notices:
      "Vous avez fait envoyer autant de messages qu’il est possible en une heure. Attendez, ou faites réserver un collègue.",
    hold_paused:
      "Vous avez déjà tenu ce créneau un quart d’heure : il est libre pour d’autres. Choisissez-en un autre.",
    hold_expired: "Le créneau n’est plus tenu pour vous. Choisissez-le de nouveau : votre saisie est gardée.",
    invalid_state: "Ce n’est plus possible : la situation a changé entre-temps.",
    rate_limited: "Trop de demandes à la suite. Attendez un peu, puis recommencez.",
    too_large: "C’est trop long pour être envoyé. Raccourcissez, puis recommencez.",
    declined: "L’une de ces personnes ne souhaite plus être ajoutée à vos groupes. Écrivez-lui directement.",
    last_responsible: "Personne d’autre n’est responsable de ce groupe. Nommez d’abord un autre responsable.",
    asks_here: "Vous suivez ce cas, et il est ouvert. Clôturez-le ou transmettez-le, puis quittez la discussion.",
    case_closed: "Ce cas est clos. Rouvrez-le d’abord.",
    too_many_groups: "Vous avez créé beaucoup de groupes aujourd’hui. Écrivez dans l’un d’eux, ou attendez demain.",
    too_many_patients:
      "Vous avez inscrit autant de patients qu’il est possible en un jour. Cherchez celui qu’il vous faut, ou attendez.",
    already_there: "Cette personne fait déjà partie de l’organisation, ou y est déjà invitée.",
    invitation_over: "Cette invitation ne vaut plus. Demandez-en une autre à la personne qui vous invite.",
    last_owner: "C’est la dernière personne propriétaire. Nommez-en d’abord une autre.",
    last_administrator: "Personne d’autre ne gère cette organisation. Nommez d’abord un autre administrateur.",
    more_than_held:
      "On ne donne pas plus que ce que l’on a. Choisissez un niveau plus bas, ou demandez à un propriétaire.",
    withheld: "Les propriétaires de l’organisation ne vous y donnent pas accès. Demandez à l’un d’eux.",
    vouched_only: "Une identité attestée par l’organisation ne suffit pas ici. Il faut d’abord la faire vérifier.",
    finess_taken: "Cet établissement est déjà sur Relais. Demandez une invitation à la personne qui le gère.",
    asks_first: "Cette personne veut qu’on lui demande d’abord. Envoyez une demande, et écrivez quand elle a accepté.",
    blocked: "Vous avez bloqué cette personne. Débloquez-la d’abord.",
    unreachable: "Cette personne n’est pas joignable sur Relais. Rien n’est parti : joignez-la autrement.",
    file_refused: "Ce fichier est refusé. Retirez-le, ou envoyez-en un autre.",
    too_many_files: "Vous avez envoyé autant de fichiers qu’il est possible en un jour. Attendez demain.",
    wrong_offset: "L’envoi du fichier a été interrompu. Recommencez.",
    too_many_contacts: "Il y en a autant qu’une personne peut en avoir. Retirez-en, ou attendez.",
    file_gone: "Un fichier n’est plus là. Choisissez-le de nouveau.",
    too_late: "Il est trop tard pour changer ce message. Écrivez-en un autre qui le rectifie.",
    too_many_edits: "Ce message a été modifié autant de fois qu’il est possible. Écrivez-en un autre.",
    upload_unfinished: "Un fichier n’est pas encore arrivé. Attendez, ou retirez-le.",
    invalid: "Une information n’est pas valable. Corrigez-la, puis recommencez.",
    credentials: "E-mail ou mot de passe incorrect. Vérifiez l’un et l’autre.",
    wrong_code: "Ce code n’est pas le bon. Attendez le suivant, ou utilisez un code de secours.",
    unknown_passkey: "Cette clé d’accès n’ouvre aucun compte ici. Connectez-vous avec votre mot de passe.",
    cancelled: "La clé d’accès n’a pas répondu. Recommencez, ou choisissez un autre moyen.",
    suspended: "Ce compte est suspendu. Demandez pourquoi à l’administrateur de Relais.",
  } satisfies Record<Exclude<Reason, Basic>, string> as Record<string, string>,
  bounds: {
    new_device_waits:
      "Beaucoup de mots de passe erronés ont été essayés sur ce compte : un nouvel appareil doit attendre. Pour entrer tout de suite, utilisez Pro Santé Connect, une clé d’accès, ou « Mot de passe oublié ».",
    sms_to_number:
      "Vous avez fait envoyer autant de SMS à ce numéro qu’il est possible en une heure. Vérifiez-le, faites réserver un collègue, ou attendez.",
    sms_by_person:
      "Vous avez fait envoyer autant de SMS qu’il est possible en une heure. Faites réserver un collègue, ou attendez.",
    mail_to_address:
      "Vous avez fait envoyer autant d’e-mails à cette adresse qu’il est possible en une heure. Vérifiez-la, faites réserver un collègue, ou attendez.",
    mail_by_person:
      "Vous avez fait envoyer autant d’e-mails qu’il est possible en une heure. Faites réserver un collègue, ou attendez.",
    ahead:
      "Vous avez autant de rendez-vous à venir qu’il est possible dans cet agenda. Adressez-vous au cabinet pour les suivants.",
    day: "Vous avez pris autant de rendez-vous qu’il est possible en un jour dans cet agenda. Adressez-vous au cabinet, ou continuez demain.",
  } as Record<string, string>,
};
