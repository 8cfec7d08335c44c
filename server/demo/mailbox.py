"""The demo's mail box: what Relais would have sent by e-mail and SMS, on a page of this machine alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from server.demo.psc import show_page
from server.kernel.models import CapturedMessage

SHOWN = 50


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The newest messages first, to ``?to=`` alone where that is asked; the page loads itself again."""
    rows = CapturedMessage.objects.order_by("-id")
    if wanted := request.GET.get("to", "").strip():
        rows = rows.filter(to=wanted)
    listed = format_html_join(
        "",
        "<article><h2>{}</h2><p>{} · {}</p><p>{}</p></article>",
        (
            (
                row.subject or "SMS",
                row.to,
                f"{row.at:%H:%M:%S}",
                # Escaped by ``urlize`` itself, line by line.
                mark_safe("<br>".join(urlize(line, autoescape=True) for line in row.text.splitlines())),  # noqa: S308
            )
            for row in rows[:SHOWN]
        ),
    )
    answer = show_page("Courrier", listed or format_html("<p>{}</p>", "Rien n’est encore arrivé."))
    answer["Refresh"] = "3"
    return answer
