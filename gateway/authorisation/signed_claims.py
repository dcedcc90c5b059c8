"""Reading a JWT in two strict steps: its parts before any key is known, then its signature under a registered key.

joserfc verifies; what it and Authlib leave open is closed here. The type is checked, the algorithm is the registered
key's own and never a default list, a header can bring no key along, ``kid`` is required, names stand once, and times
are whole numbers. Claims that were read before the signature serve to find the key and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from joserfc.registry import HeaderParameter

from gateway.authorisation.refusals import JwtFault
from gateway.errors import Refusal
from gateway.security.compact import CompactJws, verify_compact
from gateway.security.jose import decode, read_header, strict_object
from gateway.security.keys import RegisteredKey
from gateway.security.limits import EnvelopeLimits
from gateway.security.refusals import EnvelopeCode, OpeningRefused

JWT_LIMITS = EnvelopeLimits(max_message_bytes=4 * 1024, max_header_bytes=1024)
"""A client assertion takes about 500 bytes, a token about 700."""

KeyLookup = Callable[[str], RegisteredKey | None]
"""From a kid to the registered key of the one party that is expected to sign; None when there is none."""

_OPTIONAL_TYPE = {"typ": HeaderParameter("Type", "str")}
_MOST_ID_CHARACTERS = 128
_FIRST_IMPOSSIBLE_TIME = 2**33


class Refuse(Protocol):
    """Makes the refusal of one kind of JWT."""

    def __call__(self, code: JwtFault, *, detail: str = "", path: str = "") -> Refusal:
        """The refusal for a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtKind:
    """One kind of JWT; none is ever taken for another.

    Attributes:
        types: allowed values of ``typ``; None among them when it may be absent.
        algorithms: allowed values of ``alg``, before the key narrows them to its own.
        claims: claims that must be there.
        refuse: makes the refusal.
    """

    types: frozenset[str | None]
    algorithms: tuple[str, ...]
    claims: frozenset[str]
    refuse: Refuse


@dataclass(frozen=True, slots=True, repr=False)
class UnverifiedJwt:
    """A JWT whose parts have been read but whose signature has NOT been verified.

    Attributes:
        jws: the compact JWS.
        claims: its claims, good for finding the key only.
    """

    jws: CompactJws
    claims: Mapping[str, Any]


def read_jwt(text: str, kind: JwtKind) -> UnverifiedJwt:
    """Read header and claims.

    Raises:
        Refusal: of the kind: malformed, header, algorithm or claims.
    """
    data = text.encode("ascii") if text.isascii() else b""
    segments = data.split(b".", 3)
    if len(data) > JWT_LIMITS.max_jws_bytes or len(segments) != 3 or not all(segments):
        raise kind.refuse(JwtFault.MALFORMED, detail="not three filled segments")
    jws = _read_jws(data, segments[0], kind)
    try:
        claims = strict_object(decode(segments[1]))
    except ValueError as error:
        raise kind.refuse(JwtFault.MALFORMED, detail=f"claims JSON: {type(error).__name__}") from None
    for name in sorted(kind.claims):
        if name not in claims:
            raise kind.refuse(JwtFault.CLAIMS, detail="claim missing", path=name)
    return UnverifiedJwt(jws, claims)


def _read_jws(data: bytes, segment: bytes, kind: JwtKind) -> CompactJws:
    """The JWS with its checked header: alg, kid and perhaps typ, nothing else."""
    try:
        header = read_header(segment, JWT_LIMITS)
    except OpeningRefused as fault:
        raise kind.refuse(JwtFault.HEADER, detail=fault.detail) from None
    if not header.keys() <= {"alg", "kid", "typ"}:
        raise kind.refuse(JwtFault.HEADER, detail="member not allowed")
    for name in ("alg", "kid"):
        if not isinstance(header.get(name), str):
            raise kind.refuse(JwtFault.HEADER, detail="member missing or no text", path=name)
    typ = header.get("typ")
    if ("typ" in header and not isinstance(typ, str)) or typ not in kind.types:
        raise kind.refuse(JwtFault.HEADER, detail="typ of another kind of JWT", path="typ")
    if header["alg"] not in kind.algorithms:
        raise kind.refuse(JwtFault.ALGORITHM, detail="alg outside the list", path="alg")
    return CompactJws(data, header, header["kid"], header["alg"])


def verify_jwt(jwt: UnverifiedJwt, lookup_key: KeyLookup, owner: str, at: datetime, kind: JwtKind) -> Mapping[str, Any]:
    """The claims, after the signature was verified with the registered key of its kid.

    Args:
        jwt: what `read_jwt` returned.
        lookup_key: the keys of the expected signer only.
        owner: code of that signer; a careless lookup cannot lend it the key of another.
        at: time of receipt, with time zone; the key must count then.
        kind: what is expected.

    Raises:
        Refusal: of the kind: unknown key, state of the key, algorithm or signature.
    """
    key = lookup_key(jwt.jws.kid)
    if key is None or key.kid != jwt.jws.kid or key.owner != owner or key.use != "sig":
        raise kind.refuse(JwtFault.UNKNOWN_KEY, detail="no such signing key of this owner", path="kid")
    state = key.refusal_at(at)
    if state is not None:
        raise kind.refuse(JwtFault(state.removeprefix("envelope.")), detail=f"key {key.kid}", path="kid")
    try:
        payload = verify_compact(jwt.jws, key.key, _OPTIONAL_TYPE, JWT_LIMITS)
    except OpeningRefused as fault:
        wrong = fault.stable_code == EnvelopeCode.ALGORITHM_REFUSED
        code, path = (JwtFault.ALGORITHM, "alg") if wrong else (JwtFault.SIGNATURE, "")
        raise kind.refuse(code, detail=fault.detail, path=path) from None
    return strict_object(payload)


def check_audience(claims: Mapping[str, Any], audience: str, kind: JwtKind) -> None:
    """Refuse an ``aud`` that is not this one text: a list may name a second server, which could pass the JWT on.

    Raises:
        Refusal: of the kind, for the audience.
    """
    if claims["aud"] != audience:
        raise kind.refuse(JwtFault.AUDIENCE, detail="aud is not this server alone", path="aud")


def check_times(
    claims: Mapping[str, Any],
    at: datetime,
    *,
    longest: timedelta,
    early: timedelta,
    late: timedelta,
    kind: JwtKind,
) -> int:
    """Judge ``iat``, ``exp`` and, where it is given, ``nbf``; return ``exp``.

    Args:
        claims: verified claims.
        at: time of receipt, with time zone.
        longest: most time from issue to end, and from now to the end.
        early: how far the issue may lie ahead of our clock.
        late: how long after its end it is still taken.
        kind: what is expected.

    Raises:
        Refusal: of the kind: claims, not yet valid, expired or too long.
    """
    times = {name: claims[name] for name in ("iat", "exp", "nbf") if name in claims}
    for name, value in times.items():
        if type(value) is not int or not 0 < value < _FIRST_IMPOSSIBLE_TIME:  # bool is an int to Python
            raise kind.refuse(JwtFault.CLAIMS, detail="time is no whole number of seconds", path=name)
    now, issued, end = at.timestamp(), times["iat"], times["exp"]
    for name in ("iat", "nbf"):
        if times.get(name, issued) > now + early.total_seconds():
            raise kind.refuse(JwtFault.NOT_YET_VALID, path=name)
    if end <= issued:
        raise kind.refuse(JwtFault.CLAIMS, detail="end before issue", path="exp")
    if end <= now - late.total_seconds():
        raise kind.refuse(JwtFault.EXPIRED, path="exp")
    if max(end - now, end - issued) > longest.total_seconds():
        raise kind.refuse(JwtFault.TOO_LONG, path="exp")
    return int(end)


def id_claim(claims: Mapping[str, Any], name: str, kind: JwtKind) -> str:
    """A claim that is an id: 1 to 128 printable ASCII characters without spaces.

    Raises:
        Refusal: of the kind, for the claim.
    """
    value = claims[name]
    plain = isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value
    if not plain or not 0 < len(value) <= _MOST_ID_CHARACTERS:
        raise kind.refuse(JwtFault.CLAIMS, detail="claim is no id", path=name)
    return str(value)
