"""What an interface that a government would accept has to refuse; each word is shown by a row of the table."""

from __future__ import annotations

WORDS = (
    # what is done to a message, a token or a signature
    *("forged", "stripped", "wrapped", "truncated", "re-encrypted for another recipient", "reordered chunk"),
    *("algorithm-switched", "key-confused", "none", "HS256 with public key", "ES256 r=s=0", "high-s", "truncated tag"),
    *("replayed message", "replayed token", "replayed HTTP signature", "replayed response"),
    *("expired", "not yet valid", "ten-year expiry", "wrong audience", "list audience"),
    *("revoked key", "revoked certificate", "cross-partner kid", "kid of ours"),
    *("jwk header", "jku header", "x5u header", "x5c header", "crit unknown", "b64=false", "zip", "PBES2 p2c"),
    *("JSON JWS", "many recipients"),
    # what is done to a request
    *("duplicate form field", "duplicate header", "wrong digest", "missing component", "header injection"),
    *("request smuggling", "content-encoding", "oversized", "slow body", "Host spoofing", "X-Forwarded spoofing"),
    *("path tricks", "method override", "query duplication", "unicode in ids", "log injection"),
    # what is done to the content
    *("DTD", "entity", "UTF-16 DOCTYPE", "XInclude", "schemaLocation", "deep XML", "wide XML"),
    *("JSON duplicate keys", "NaN", "1e400", "surrogates", "BOM", "deep JSON"),
)
