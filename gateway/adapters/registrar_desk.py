"""What the registrar does on a machine of his own: read the list of a partner, and sign it row by row.

Where a gateway holds a list already, the new one carries it on: its past stays, whatever changes does so at a moment
that lies ahead. Until that moment the gateway takes the signed list in just as it is, for nobody there could sign it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.adapters.partner_lists import KEY_LISTS, ListKind
from gateway.adapters.partner_registry import RegistryManipulated
from gateway.security.keylist import write_key_list
from gateway.security.keys import RegisteredKey
from gateway.security.pinlist import ListedCertificate
from gateway.security.policy import KeyRefused
from gateway.security.registrar import sign_entries, verify_entries, without_signatures
from gateway.security.renewed_lists import renewed


class RegistrarDesk:
    """Signs the lists of one partner.

    Args:
        private: the registrar's private key.
        partner: code of the partner.
    """

    def __init__(self, private: Ed25519PrivateKey, partner: str) -> None:
        self._private = private
        self._partner = partner

    def sign(self, kind: ListKind[RegisteredKey] | ListKind[ListedCertificate], content: bytes) -> bytes:
        """A list as the partner handed it over, each row signed.

        Raises:
            DataFolderError: naming every fault of the list; nothing is signed.
        """
        plain = _plain(content, kind.member)
        kind.read_new(plain, self._partner)
        return sign_entries(plain, kind=kind.member, owner=self._partner, registrar=self._private)

    def sign_renewed(
        self, content: bytes, known: Sequence[tuple[str, bytes]], *, at: datetime, overlap: timedelta
    ) -> bytes:
        """A newer key list that carries on what a gateway holds.

        Args:
            content: the list as the partner handed it over.
            known: the lists in force with their names, the one that wins first.
            at: when changes come into force.
            overlap: how long a key that the newer list leaves out is taken after that.

        Raises:
            RegistryManipulated: a row in force was not signed by this registrar.
            DataFolderError: naming every fault of the newer list, or what of it would rewrite the past.
        """
        newer = KEY_LISTS.read_new(_plain(content, KEY_LISTS.member), self._partner)
        held = [(Path(name), self._verified(name, document)) for name, document in known]
        keys, faults = renewed(
            KEY_LISTS.together(held, self._partner), newer, at=at, overlap=overlap, file=f"{self._partner}.json"
        )
        KEY_LISTS.refuse(faults, self._partner)
        return sign_entries(write_key_list(keys), kind=KEY_LISTS.member, owner=self._partner, registrar=self._private)

    def _verified(self, name: str, document: bytes) -> bytes:
        registrar = self._private.public_key()
        found = verify_entries(document, kind=KEY_LISTS.member, owner=self._partner, registrar=registrar)
        if found.refused:
            raise RegistryManipulated(self._partner, [f"{name}: rows {', '.join(map(str, found.refused))}"])
        return found.content


def _plain(content: bytes, member: str) -> bytes:
    """The list without signatures; what is no list stays as it is, for its own reader says better what is wrong."""
    try:
        return without_signatures(content, kind=member)
    except KeyRefused:
        return content
