"""That no test changes, for those after it, the people whom all of them use."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from server.ops import datadir, embedded
from tests.relais_process import Running

WATCHED = """
    SELECT 'account', to_jsonb(person) - 'last_login' FROM identity_person person WHERE id = ANY(%(shared)s)
    UNION ALL
    SELECT 'second factor', to_jsonb(own) - 'last_used_at' - 'data' FROM mfa_authenticator own
        WHERE user_id = ANY(%(shared)s)
    UNION ALL
    SELECT 'who may write', to_jsonb(own) FROM identity_contactrule own WHERE person_id = ANY(%(shared)s)
    UNION ALL
    SELECT 'block', to_jsonb(own) FROM identity_block own
        WHERE person_id = ANY(%(shared)s) AND blocked_id = ANY(%(shared)s)
    UNION ALL
    SELECT 'request to write', to_jsonb(own) FROM identity_contactrequest own
        WHERE person_id = ANY(%(shared)s) AND asked_by_id = ANY(%(shared)s)
    UNION ALL
    SELECT 'refused group', to_jsonb(own) FROM team_decline own
        WHERE person_id = ANY(%(shared)s) AND declined_id = ANY(%(shared)s)
    UNION ALL
    SELECT 'membership', to_jsonb(own) FROM identity_membership own WHERE person_id = ANY(%(shared)s)
    UNION ALL
    SELECT 'right', to_jsonb(own) FROM identity_right own WHERE person_id = ANY(%(shared)s)
    UNION ALL
    SELECT 'organisation', to_jsonb(own) FROM identity_organisation own
        WHERE id IN (SELECT organisation_id FROM identity_membership WHERE person_id = ANY(%(shared)s))
    UNION ALL
    SELECT 'agenda', to_jsonb(own) FROM referral_agenda own WHERE practitioner_id = ANY(%(shared)s)
"""
DEVICES = "SELECT id FROM identity_session WHERE person_id = ANY(%(shared)s) AND ended_at IS NULL"


class Shared:
    """The people of the demo, as they are in its database."""

    def __init__(self, relais: Running, people: Sequence[str]) -> None:
        address = embedded.Servers(datadir.open_directory(relais.data)).database_url
        self.connection = psycopg.connect(address, autocommit=True)
        self._people = {"shared": list(people)}
        self._before = self.devices()

    def state(self) -> set[str]:
        return {f"{kind}: {row}" for kind, row in self.connection.execute(WATCHED, self._people)}

    def devices(self) -> set[str]:
        return {str(device) for (device,) in self.connection.execute(DEVICES, self._people)}

    def lasting_devices(self) -> set[str]:
        """Those that were there before the test before this one too: what that one made may still be signing out."""
        before, self._before = self._before, self.devices()
        return before & self._before
