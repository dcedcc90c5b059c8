"""The token that the settings name, opened once in a process: its user logs in to the process, not to a session."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gateway.adapters.hardware_keys import HardwareToken
from gateway.adapters.private_keys import TokenPrivateKeys, read_secret
from gateway.settings import Settings


def private_keys(settings: Settings) -> TokenPrivateKeys | None:
    """The private keys of the token that is set; None where they are files.

    Raises:
        DataFolderError: the module, the token or the file of the PIN cannot be opened.
    """
    module, pin_file = settings.pkcs11_module, settings.pkcs11_pin_file
    if settings.key_store == "files" or module is None or pin_file is None:
        return None
    return TokenPrivateKeys(_opened(module, settings.pkcs11_token, pin_file))


@lru_cache
def _opened(module: Path, label: str, pin_file: Path) -> HardwareToken:
    """The open token; a fault is not remembered."""
    return HardwareToken(module, label, read_secret(pin_file).decode("utf-8").strip())
