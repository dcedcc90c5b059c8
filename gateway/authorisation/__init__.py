"""OAuth 2 between administrations: a signed assertion proves the client, a short token bound to its certificate opens.

Client credentials (RFC 6749 section 4.4), the client authenticated by ``private_key_jwt`` (RFC 7523), access tokens as
JWT (RFC 9068) bound to the client certificate (RFC 8705 section 3.1). No browser, no secret, no refresh token.
"""
