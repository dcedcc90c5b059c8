"""HTTP requests and responses as plain values, of no framework: what is signed, and what a signature is judged on.

A value can only be made of what may stand on the wire: a header value with a line break in it (header injection) or a
target that is not percent-encoded never comes further than the constructor. The target of a request that came in is
built with `target_of`, from the configured public address and the raw path: ``Host`` and ``X-Forwarded-*`` are the
sender's to choose and are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.security.http_refusals import HttpCode, HttpMessageRefused

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2, token
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # RFC 9110 section 5.5; no CR, LF, NUL or other control character
_METHOD = re.compile(r"[A-Z]{1,20}")
_PATH = r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"  # RFC 3986 section 3.3
_QUERY = r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"  # RFC 3986 section 3.4
_ORIGIN = r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"  # no user: it could pass for a host
_TARGET = re.compile(rf"{_ORIGIN}{_PATH}{_QUERY}")
_LONGEST_TARGET = 8192


@dataclass(frozen=True, slots=True, repr=False)
class Headers:
    """Header field lines in their order, names in lower case, values without surrounding blanks.

    Attributes:
        lines: name and value of each line; a field that was sent twice stands here twice.
    """

    lines: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, lines: Iterable[tuple[str, str]]) -> Headers:
        """Header lines of texts.

        Raises:
            HttpMessageRefused: ``http.malformed``.
        """
        kept = []
        for name, value in lines:
            if _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None:
                raise HttpMessageRefused(HttpCode.MALFORMED, detail="header name or value", path="headers")
            kept.append((name.lower(), value.strip(" \t")))
        return cls(tuple(kept))

    @classmethod
    def from_raw(cls, lines: Iterable[tuple[bytes, bytes]]) -> Headers:
        """Header lines of bytes, as servers hand them on; each byte is one character (Latin-1).

        Raises:
            HttpMessageRefused: ``http.malformed``.
        """
        return cls.of((name.decode("latin-1"), value.decode("latin-1")) for name, value in lines)

    def all(self, name: str) -> tuple[str, ...]:
        """The values of all lines of a field; ``name`` in lower case."""
        return tuple(value for other, value in self.lines if other == name)

    def only(self, name: str) -> str | None:
        """The one value of a field that may stand once, in ASCII; None when it is absent.

        Raises:
            HttpMessageRefused: ``http.repeated-header``, or ``http.malformed`` for a byte outside ASCII.
        """
        values = self.all(name)
        if len(values) > 1:
            raise HttpMessageRefused(HttpCode.REPEATED_HEADER, path=name)
        if values and not values[0].isascii():
            raise HttpMessageRefused(HttpCode.MALFORMED, detail="field outside ASCII", path=name)
        return values[0] if values else None

    def replacing(self, fields: Mapping[str, str]) -> Headers:
        """These headers with the given fields, each in place of whatever stood under its name.

        Raises:
            HttpMessageRefused: ``http.malformed``.
        """
        names = {name.lower() for name in fields}
        kept = (line for line in self.lines if line[0] not in names)
        return Headers.of((*kept, *fields.items()))


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class HttpRequest:
    """A request.

    Attributes:
        method: in upper case.
        target: the whole URI as the sender means it, such as ``https://gateway.example/v1/messages``.
        headers: its header lines.
        content: its bytes as they travel; empty where they are streamed and checked apart.

    Raises:
        HttpMessageRefused: ``http.malformed``.
    """

    method: str
    target: str
    headers: Headers = field(default_factory=Headers)
    content: bytes = b""

    def __post_init__(self) -> None:
        if _METHOD.fullmatch(self.method) is None:
            raise HttpMessageRefused(HttpCode.MALFORMED, detail="method", path="@method")
        if len(self.target) > _LONGEST_TARGET or _TARGET.fullmatch(self.target) is None:
            raise HttpMessageRefused(HttpCode.MALFORMED, detail="target", path="@target-uri")


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class HttpResponse:
    """A response.

    Attributes:
        status: three digits.
        headers: its header lines.
        content: its bytes as they travel; empty where they are streamed and checked apart.

    Raises:
        HttpMessageRefused: ``http.malformed``.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    content: bytes = b""

    def __post_init__(self) -> None:
        if not 100 <= self.status <= 599:  # RFC 9110 section 15
            raise HttpMessageRefused(HttpCode.MALFORMED, detail="status", path="@status")


def target_of(public_base: str, raw_path: bytes, query: bytes = b"") -> str:
    """The target of a request that came in.

    Args:
        public_base: configured address under which partners reach this port, without closing slash.
        raw_path: the path as it came, still percent-encoded; with an address of its own in it (absolute form) it is
            refused.
        query: what followed the question mark, without it.

    Raises:
        HttpMessageRefused: ``http.malformed``.
    """
    path = raw_path.decode("latin-1") + ("?" + query.decode("latin-1") if query else "")
    if len(path) > _LONGEST_TARGET or re.fullmatch(_PATH + _QUERY, path) is None:
        raise HttpMessageRefused(HttpCode.MALFORMED, detail="target", path="@target-uri")
    return public_base + path
