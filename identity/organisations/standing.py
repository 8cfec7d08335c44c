"""What a membership allows in its organisation. Pure.

Three rules stand above all others: nobody gives more than they hold, only owners touch owners and administrators, and
somebody always remains who looks after the organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Ability: TypeAlias = Literal[
    "see_members",
    "see_invitations",
    "invite",
    "create_members",
    "vouch",
    "manage_members",
    "manage_owners",
    "manage_access",
    "manage_own_agendas",
    "settings",
    "rules",
    "audit",
    "export_audit",
    "export",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in an organisation: as its member, or as one who looks after the establishment it is part
    of."""

    access_rule: str
    owner: bool = False
    administrator: bool = False
    coordinator: bool = False
    vouched: bool = False
    manages_agendas: bool = False
    """Whether they hold ``manage`` on one of its agendas."""
    owned: bool = True
    """Whether anybody owns the organisation now."""
    dashboard_hidden: bool = False
    """Whether its owners keep them from what goes on there: the audit, and when colleagues were last seen."""
    may_export: bool = False
    """Whether its owners let them take data out of it."""

    @property
    def looks_after(self) -> bool:
        """Whether the organisation is theirs to run."""
        return self.owner or self.administrator


def abilities(standing: Standing) -> list[Ability]:
    """What somebody may do; it travels with the view of the organisation, so that clients never work it out again."""
    runs = standing.looks_after
    alone = standing.administrator and not standing.owned
    """In an organisation without owners its administrators decide what owners decide elsewhere."""
    watches = runs and (standing.owner or not standing.dashboard_hidden)
    by_rule = standing.administrator and standing.access_rule != "owners"
    for_agendas = standing.access_rule == "agenda_managers" and standing.manages_agendas
    granted: dict[Ability, bool] = {
        "see_members": True,
        "see_invitations": runs or standing.coordinator,
        "invite": runs or standing.coordinator,
        "create_members": runs or for_agendas,
        "vouch": runs and not standing.vouched,
        "manage_members": runs,
        "manage_owners": standing.owner or alone,
        "manage_access": standing.owner or by_rule or alone,
        "manage_own_agendas": for_agendas,
        "settings": runs,
        "rules": standing.owner or alone,
        "audit": watches,
        # Kept from the dashboard, they take a copy all the same when an owner lets them.
        "export_audit": watches or (runs and standing.may_export),
        "export": standing.owner or standing.may_export,
    }
    return [ability for ability, given in granted.items() if given]


def default_access_rule(kind: str) -> str:
    """Who decides what members may do, until somebody says otherwise: in a practice its owners alone."""
    return "owners" if kind == "practice" else "owners_and_administrators"
