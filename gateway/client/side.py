"""One partner's side of the exchange: its keys, the gateway's public keys, and what both agreed to call each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder, OwnKeys, read_partner_keys
from gateway.errors import DataFolderError
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.lifecycle import KeyPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a partner holds to exchange messages with a gateway.

    Attributes:
        code: the partner's own code, as the agreement writes it.
        home: code of the administration that runs the gateway.
        own: the partner's keys.
        others: the gateway's public keys, handed over at onboarding, never fetched.
    """

    code: str
    home: str
    own: OwnKeys
    others: tuple[RegisteredKey, ...]

    def lookup(self, kid: str) -> RegisteredKey | None:
        """The gateway's key with this id, or None."""
        return next((key for key in self.others if key.kid == kid), None)

    def recipient_key(self, at: datetime) -> PublicKey:
        """The gateway's key to encrypt to.

        Raises:
            DataFolderError: when none of its keys may be used at this time.
        """
        usable = [
            key for key in self.others if key.use == "enc" and key.lifecycle.refusal_at(at, KeyPurpose.PRODUCE) is None
        ]
        if not usable:
            raise DataFolderError(
                "the gateway has no active key for encryption", code="key.none-active", remedy="ask it for its key list"
            )
        return usable[-1].require(at, KeyPurpose.PRODUCE)


def make_side_keys(folder: Path, code: str) -> bytes:
    """Make a partner's keys in a folder; what is there is left alone.

    Args:
        folder: gets the private keys, encrypted, readable by the owner only.
        code: the partner's code.

    Returns:
        The public key list (JWK Set with states) for the gateway's operator.
    """
    keys = KeyFolder(folder, folder / "passphrase", Durability())
    keys.set_up(code, datetime.now(UTC))
    return keys.public_list()


def read_side(folder: Path, code: str, home: str, gateway_keys: Path) -> Side:
    """Read a partner's keys and the gateway's key list.

    Args:
        folder: made by `make_side_keys`.
        code: the partner's code.
        home: the gateway's code.
        gateway_keys: file with the gateway's public key list.

    Raises:
        DataFolderError: something is missing, open to others, or does not decrypt.
    """
    keys = KeyFolder(folder, folder / "passphrase", Durability())
    return Side(
        code=code,
        home=home,
        own=keys.read(code, f"{code}.invalid/log"),
        others=read_partner_keys([gateway_keys], home),
    )
