"""Signing in by the CPS card itself: a TLS client certificate of the IGC-Santé, which nginx takes on a host of its own.

``certificate`` reads what a certificate says, ``authorities`` decides whether it holds, ``http`` are the addresses.
``deploy/nginx-cards.conf`` is the host. Rules: IGC-Santé's certificate profiles for natural persons; RFC 5280.
"""
