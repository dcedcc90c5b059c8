"""Lists that parties hand to one another, of keys and of certificates: read from files, taken in by the operator."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from gateway.adapters.durability import Durability
from gateway.errors import DataFolderError
from gateway.findings import Fault
from gateway.security.keylist import read_key_list
from gateway.security.keys import RegisteredKey
from gateway.security.pinlist import ListedCertificate, read_pin_list

LOCK = "lock"
"""Name of the file that holds off a second change of the lists in its folder."""

Listed_co = TypeVar("Listed_co", covariant=True)
Listed = TypeVar("Listed")


class ReadList(Protocol[Listed_co]):
    """Reads a list; the faults are all that it has."""

    def __call__(self, data: bytes, *, owner: str, file: str) -> tuple[Sequence[Listed_co], Sequence[Fault]]:
        """The entries of a list of this owner and all its faults; ``file`` names it in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind(Generic[Listed]):
    """One kind of lists.

    Attributes:
        name: for people: ``key list``.
        member: name of the member that holds its entries, ``keys`` or ``certificates``.
        code: stable code of a list with faults.
        unreadable: stable code of a file that cannot be read.
        read: its reader.
        identity: by what an entry is known.
    """

    name: str
    member: str
    code: str
    unreadable: str
    read: ReadList[Listed]
    identity: Callable[[Listed], str]

    def content(self, file: Path) -> bytes:
        """The bytes of a list.

        Raises:
            DataFolderError: the file cannot be read.
        """
        try:
            return file.read_bytes()
        except OSError:
            text, remedy = f"a {self.name} cannot be read", "run the set-up, or restore it"
            raise DataFolderError(text, path=str(file), remedy=remedy, code=self.unreadable) from None

    def read_all(self, files: Iterable[Path], owner: str) -> tuple[Listed, ...]:
        """The entries of all lists of one owner that exist among some files; the first of an identity wins.

        Whatever the files say counts: for lists of our own. Those of partners are read by
        `gateway.adapters.partner_registry`, which asks for the registrar's signature.

        Raises:
            DataFolderError: naming every fault of a list.
        """
        return self.together(((file, self.content(file)) for file in files if file.exists()), owner)

    def together(self, contents: Iterable[tuple[Path, bytes]], owner: str) -> tuple[Listed, ...]:
        """The entries of some lists of one owner; the first of an identity wins.

        Args:
            contents: each with the file that it came from.
            owner: of all of them.

        Raises:
            DataFolderError: naming every fault of a list.
        """
        found: dict[str, Listed] = {}
        for file, content in contents:
            listed, faults = self.read(content, owner=owner, file=file.name)
            if faults:
                raise DataFolderError(f"a {self.name} holds faults: {_told(faults)}", path=str(file), code=self.code)
            for one in listed:
                found.setdefault(self.identity(one), one)
        return tuple(found.values())

    def read_new(self, content: bytes, owner: str) -> Sequence[Listed]:
        """The entries of a list that was handed over.

        Raises:
            DataFolderError: naming every fault of the list.
        """
        listed, faults = self.read(content, owner=owner, file=f"{owner}.json")
        self.refuse(faults, owner)
        return listed

    def refuse(self, faults: Sequence[Fault], owner: str) -> None:
        """Refuse a list that was handed over, when it has faults.

        Raises:
            DataFolderError: naming every one of them.
        """
        if faults:
            raise DataFolderError(
                f"the {self.name} holds faults: {_told(faults)}",
                path=f"{self.name} of {owner}",
                remedy="ask the partner for its list anew; nothing was taken in",
                code=self.code,
            )

    @staticmethod
    def keep(content: bytes, folder: Path, owner: str) -> None:
        """Put a list in its place, ``<owner>.json``, whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        Durability().write_file(folder / f"{owner}.json", content, mode=0o644)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold off whoever else wants to change the lists of a folder; it ends with the block, and with the process."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _told(faults: Sequence[Fault]) -> str:
    return "; ".join(f"{fault.file} {fault.row}: {fault.message}" for fault in faults)


KEY_LISTS: ListKind[RegisteredKey] = ListKind(
    name="key list",
    member="keys",
    code="key.list",
    unreadable="key.missing",
    read=read_key_list,
    identity=lambda key: key.kid,
)
CERTIFICATE_LISTS: ListKind[ListedCertificate] = ListKind(
    name="certificate list",
    member="certificates",
    code="certificate.list",
    unreadable="certificate.file",
    read=read_pin_list,
    identity=lambda listed: listed.pin.thumbprint,
)
