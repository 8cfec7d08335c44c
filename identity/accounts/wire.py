"""Commands, events and views about people and the directory."""

from __future__ import annotations

from server.kernel.wire import Id, View


class PersonView(View):
    """A professional with an account, as colleagues see them."""

    id: Id
    name: str
    first_name: str
    last_name: str
    function: str
    verified: bool
    profession: str | None = None
    speciality: str | None = None
    rpps: str | None = None
    title: str | None = None
