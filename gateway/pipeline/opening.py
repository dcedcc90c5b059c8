"""Opening what a partner sent, and opening again what is stored: signature before anything is parsed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.errors import EnvelopeRefused, MessageTooLarge
from gateway.exchange.model import Message
from gateway.identifiers import PartnerCode
from gateway.pipeline.stages import OpenedMessage, ReceivedMessage
from gateway.ports import KeyRing
from gateway.security.envelope import Opened, open_sealed, verify_stored
from gateway.security.keys import RegisteredKey
from gateway.security.outer import read_outer
from gateway.security.suites import Suite

KeyLookup = Callable[[str], RegisteredKey | None]
SuiteOf = Callable[[PartnerCode], Suite]


class Opener:
    """Opens sealed messages of partners.

    Args:
        home: our code; a message for another recipient is refused.
        keys: our decryption keys.
        lookup_key: the registered keys of all partners, by kid.
        suite_of: the suite agreed with a partner; never chosen by the message.
        limit: largest sealed message, in bytes.
    """

    def __init__(
        self, *, home: PartnerCode, keys: KeyRing, lookup_key: KeyLookup, suite_of: SuiteOf, limit: int
    ) -> None:
        self._home = home
        self._keys = keys
        self._lookup_key = lookup_key
        self._suite_of = suite_of
        self._limit = limit
