"""Signing in by Pro Santé Connect, the health professionals' OpenID provider (card and e-CPS).

``configuration`` reads the settings, ``provider`` speaks with the provider, ``tokens`` decides what a signed token
proves, ``userinfo`` what the provider says of a professional, ``sign_in`` what becomes of them here. ``http`` and
``push_http`` are the addresses. Source of the rules: OpenID Connect Core 1.0, RP-Initiated Logout 1.0, Back-Channel
Logout 1.0, Client-Initiated Backchannel Authentication Core 1.0, RFC 7636 (PKCE), RFC 8705 (mutual TLS), RFC 9207.
"""
