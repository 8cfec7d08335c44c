"""Creates the conversations of the demo, so that the first screen is not empty."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.demo.agendas import BY_KEY
from server.demo.people import actor
from server.demo.people_data import demo_id
from server.kernel.dispatch import dispatch
from team.conversations.wire import AcceptGroup, OpenConversation
from team.messages.wire import ReadMessages, SendMessage


@dataclass(frozen=True)
class Thread:
    """A conversation: its members (the opener first), its messages, and who has read all of them."""

    key: str
    people: tuple[str, ...]
    said: tuple[tuple[str, str], ...]
    title: str | None = None
    read: tuple[str, ...] = ()

    @property
    def id(self) -> UUID:
        return demo_id("conversation", self.key)


THREADS = (
    Thread(
        "cpts",
        ("guézennec", "vauquier", "belkhadra", "lestrange", "ozanne", "kervadec", "pradère"),
        (
            ("guézennec", "Bonjour à tous, bienvenue dans la discussion de la CPTS."),
            ("lestrange", "Le planning de garde de décembre est en ligne."),
            ("guézennec", "Réunion de pôle jeudi à 20 h, à la maison de santé de Pipriac."),
        ),
        title="CPTS Rives d’Oust, coordination",
        read=("lestrange",),
    ),
    Thread(
        "cabinet",
        ("delanoue-hervy", "vauquier", "kervadec", "pradère"),
        (
            ("delanoue-hervy", "Le cabinet ferme à 17 h vendredi, pour les travaux de la salle 2."),
            ("kervadec", "Noté, je déplace mes pansements au matin."),
        ),
        title="Cabinet des Quatre-Vents",
        read=("vauquier", "delanoue-hervy"),
    ),
    Thread(
        "ecg",
        ("vauquier", "belkhadra", "corvaisier"),
        (
            ("vauquier", "Dyspnée d’effort depuis dix jours, pas de douleur. PA 148/86, FC 112 irrégulière. FA ?"),
            ("belkhadra", "FA confirmée, sans signe de gravité. On anticoagule dès aujourd’hui."),
            ("belkhadra", "Pas d’urgence hospitalière, je la vois cette semaine pour l’écho."),
            ("corvaisier", "Il reste des créneaux jeudi et vendredi matin à la Clinique du Marais."),
            ("vauquier", "Parfait, je réserve avec elle."),
            ("corvaisier", "C’est noté de notre côté."),
        ),
        title="Avis ECG, suspicion de FA",
        read=("belkhadra", "corvaisier"),
    ),
    Thread(
        "plaie",
        ("kervadec", "vauquier"),
        (
            ("kervadec", "Plaie du pied : l’érythème s’étend au-delà du tracé de ce matin."),
            ("vauquier", "Je passe en fin de matinée."),
            ("kervadec", "Pansement refait en attendant. Merci."),
        ),
    ),
    Thread(
        "océan",
        ("sandranaye", "lestrange"),
        (
            ("sandranaye", "Bonjour Maud, auriez-vous un avis sur des lésions vues ici, à Saint-Denis ?"),
            ("lestrange", "Avec plaisir, écrivez-moi. Je suis deux ou trois heures derrière vous."),
        ),
        read=("sandranaye",),
    ),
)


def make_threads() -> None:
    """The conversations with what was said in them. Whoever does not write has not read."""
    for thread in THREADS:
        first, *others = (BY_KEY[key] for key in thread.people)
        opened = dispatch(
            actor(first),
            OpenConversation(
                id=thread.id,
                kind="group" if thread.title else "direct",
                members=[role.id for role in others],
                title=thread.title,
            ),
        ).conversation
        # Who shares no organisation with the opener yet is a stranger to them.
        for one in opened.asked:
            [role] = [role for role in others if role.id == one.person]
            opened = dispatch(actor(role), AcceptGroup(conversation=opened.id)).conversation
        last = opened.head
        for number, (author, body) in enumerate(thread.said):
            message = demo_id("message", thread.key, str(number))
            sent = dispatch(actor(BY_KEY[author]), SendMessage(id=message, conversation=opened.id, body=body))
            last = sent.message.seq
        for key in thread.read:
            dispatch(actor(BY_KEY[key]), ReadMessages(conversation=opened.id, seq=last))
