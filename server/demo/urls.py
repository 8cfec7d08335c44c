"""The pages of the demo, on which it plays services outside. Mounted where ``RELAIS_DEMO`` is set, and nowhere else."""

from django.urls import path

from server.demo import mailbox, onfido, psc

urlpatterns = [
    path("psc/.well-known/wallet-openid-configuration", psc.discovery),
    path("psc/auth", psc.authorize),
    path("psc/choose", psc.choose),
    path("psc/token", psc.token),
    path("psc/userinfo", psc.userinfo),
    path("psc/certs", psc.certs),
    path("psc/logout", psc.logout),
    path("psc/ciba", psc.ask_phone),
    path("psc/telephone", psc.phone),
    path("onfido/api/<path:path>", onfido.api),
    path("onfido/page/<str:run>", onfido.page),
    path("onfido/end/<str:run>/<str:choice>", onfido.end),
    path("courrier", mailbox.show),
]
