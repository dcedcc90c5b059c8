"""Suites: which algorithms an agreement's suite id stands for.

The suite is chosen by the partner profile, never by the message, so a sender cannot talk us down to a weaker one
(downgrade). Only ``intl-1`` is built; any other id is refused, and national suites plug in as further `Suite` values
together with a `Signer` and a `Decrypter` that can serve them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.security.refusals import EnvelopeCode, OpeningRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The allow-lists of one suite; everything that is not listed is refused.

    Attributes:
        suite_id: the name that profiles and agreements use.
        signatures: JWS ``alg`` values, the default first.
        key_management: JWE ``alg`` values, the default first.
        content: JWE ``enc`` values, the default first.
    """

    suite_id: str
    signatures: tuple[str, ...]
    key_management: tuple[str, ...]
    content: tuple[str, ...]


INTL_1 = Suite(
    suite_id="intl-1",
    signatures=("ES256", "Ed25519", "PS256"),  # RFC 7518 section 3, RFC 9864
    key_management=("ECDH-ES+A256KW", "RSA-OAEP-256"),  # RFC 7518 section 4; the second for partners with RSA only
    content=("A256GCM",),  # RFC 7518 section 5.3
)


class SuiteRegistry:
    """The suites that this installation can serve."""

    def __init__(self, suites: Iterable[Suite] = (INTL_1,)) -> None:
        self._suites = {suite.suite_id: suite for suite in suites}

    def ids(self) -> tuple[str, ...]:
        """The suite ids served, in order."""
        return tuple(sorted(self._suites))

    def get(self, suite_id: str) -> Suite:
        """The suite of that id.

        Raises:
            OpeningRefused: ``envelope.unknown-suite``.
        """
        suite = self._suites.get(suite_id)
        if suite is None:
            raise OpeningRefused(EnvelopeCode.UNKNOWN_SUITE, path="suite")
        return suite
