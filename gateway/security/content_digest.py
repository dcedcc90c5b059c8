"""Content-Digest (RFC 9530): the digest of the content that an HTTP signature covers in its place.

Made with sha-256; sha-512 is accepted as well. Every member of the field has to be one of the two and has to match: a
member that we cannot check would be a claim that somebody else believes. The digest is over the bytes as they travel,
which is why a content encoding is refused before.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import http_sf

from gateway.security.http_refusals import HttpCode, HttpMessageRefused

_HASHES: Mapping[str, Callable[[], Any]] = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
"""The two that RFC 9530 section 5 registers as active; md5, sha, unixsum, adler and the others are insecure."""

_LONGEST_FIELD = 512
"""Both members take 154 characters."""


def make_content_digest(content: bytes, algorithm: str = "sha-256") -> str:
    """The value of Content-Digest for some content.

    Args:
        content: the bytes as they are sent; may be empty.
        algorithm: ``sha-256`` or ``sha-512``.
    """
    made = _HASHES[algorithm]()
    made.update(content)
    return content_digest_field(made.digest(), algorithm)


def content_digest_field(digest: bytes, algorithm: str = "sha-256") -> str:
    """The value of Content-Digest for a digest that was computed while the content was written (RFC 9530 section 2)."""
    return http_sf.ser({algorithm: digest})


def read_content_digest(value: str) -> Mapping[str, bytes]:
    """The digests of a Content-Digest field, by algorithm.

    Raises:
        HttpMessageRefused: ``http.digest-refused``: not readable, empty, of an algorithm outside the two, of the wrong
            length, with parameters, or with one algorithm twice.
    """
    if len(value) > _LONGEST_FIELD:
        raise HttpMessageRefused(HttpCode.DIGEST_REFUSED, detail="Content-Digest is too long", path="content-digest")
    try:
        members: Any = http_sf.parse(value.encode("ascii"), tltype="dictionary", on_duplicate_key=_no_duplicate)
        digests = {name: _digest_of(name, *member) for name, member in members.items()}
    except (ValueError, TypeError) as error:
        detail = f"Content-Digest: {type(error).__name__}"
        raise HttpMessageRefused(HttpCode.DIGEST_REFUSED, detail=detail, path="content-digest") from None
    if not digests:
        raise HttpMessageRefused(HttpCode.DIGEST_REFUSED, detail="Content-Digest is empty", path="content-digest")
    return MappingProxyType(digests)


def check_content_digest(value: str, content: bytes) -> None:
    """Compare content that is held whole with a Content-Digest field.

    Raises:
        HttpMessageRefused: ``http.digest-refused`` or ``http.digest-mismatch``.
    """
    check = ContentCheck(read_content_digest(value))
    check.update(content)
    check.finish()


class ContentCheck:
    """Compares content that arrives in pieces with the digests that were signed; nothing is to be used before `finish`.

    Args:
        digests: what `read_content_digest` returned.
    """

    def __init__(self, digests: Mapping[str, bytes]) -> None:
        self._digests = digests
        self._running = {algorithm: _HASHES[algorithm]() for algorithm in digests}

    def update(self, piece: bytes) -> None:
        """Take the next bytes."""
        for running in self._running.values():
            running.update(piece)

    def finish(self) -> None:
        """The content is over.

        Raises:
            HttpMessageRefused: ``http.digest-mismatch``.
        """
        for algorithm, expected in self._digests.items():
            if not hmac.compare_digest(self._running[algorithm].digest(), expected):
                raise HttpMessageRefused(HttpCode.DIGEST_MISMATCH, detail=algorithm, path="content-digest")


def _digest_of(algorithm: str, value: object, parameters: Mapping[str, object]) -> bytes:
    """The bytes of one member; raises ValueError for anything but a digest of the right length."""
    if algorithm not in _HASHES or not isinstance(value, bytes) or parameters:
        raise ValueError("not a digest that we check")
    if len(value) != _HASHES[algorithm]().digest_size:
        raise ValueError("wrong length")
    return value


def _no_duplicate(_name: str, _context: str) -> None:
    raise ValueError("a name stands twice")
