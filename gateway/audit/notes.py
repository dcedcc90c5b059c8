"""Signed notes (C2SP signed-note): a text, an empty line, and one or more signature lines.

    — <key name> base64(key id || signature)

Two kinds of keys are known: Ed25519 over the text (type 0x01), as the log itself signs, and timestamped witness
cosignatures (type 0x04, C2SP tlog-cosignature). Reading is strict; a line by a key that we do not know is kept but
proves nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.audit.entry import LogDamaged

LOG_SIGNATURE = 0x01
COSIGNATURE = 0x04

MOST_SIGNATURES = 32
LARGEST_NOTE_BYTES = 64 * 1024

_DASH = "\N{EM DASH} "
_SIGNATURE_BYTES = 64


class NoteSigner(Protocol):
    """Something that signs with one Ed25519 key."""

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature of ``data``."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that signs notes.

    Attributes:
        name: key name; for a log its origin. No space and no plus sign.
        public: 32 bytes of the Ed25519 key.
        kind: `LOG_SIGNATURE` or `COSIGNATURE`.
    """

    name: str
    public: bytes
    kind: int = LOG_SIGNATURE

    def __post_init__(self) -> None:
        if not is_key_name(self.name) or len(self.public) != 32 or self.kind not in (LOG_SIGNATURE, COSIGNATURE):
            raise LogDamaged("A note key has a name without space or plus, 32 bytes and a known kind.", code="log.vkey")

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand in front of a signature by this key."""
        return hashlib.sha256(self.name.encode("utf-8") + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key in one line: ``name+hexid+base64(kind || public)``."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode('ascii')}"


class NoteSignature(NamedTuple):
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line as it stands in a note, with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode('ascii')}\n"


class Note(NamedTuple):
    """A note that was read; nothing of it is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def as_bytes(self) -> bytes:
        """The note as it is stored and sent."""
        return (self.text + "\n" + "".join(signature.line() for signature in self.signatures)).encode("utf-8")


def is_key_name(name: str) -> bool:
    """Whether a text may be a key name."""
    return bool(name) and "+" not in name and not any(char.isspace() or char < " " for char in name)


def read_vkey(text: str) -> NoteKey:
    """The key of a vkey line.

    Raises:
        LogDamaged: ``log.vkey``.
    """
    name, _, rest = text.partition("+")
    hex_id, _, encoded = rest.partition("+")
    data = _base64(encoded)
    key = NoteKey(name, data[1:], data[0] if data else 0)
    if key.key_id.hex() != hex_id:
        raise LogDamaged("The key id of the vkey does not belong to its name and key.", code="log.vkey")
    return key


def read_note(data: bytes) -> Note:
    """Read a signed note, strictly.

    Raises:
        LogDamaged: ``log.note``.
    """
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_note("no UTF-8") from error
    if len(data) > LARGEST_NOTE_BYTES or any(char < " " and char != "\n" for char in whole):
        raise _no_note("too long, or a control character")
    body, separator, lines = whole.rpartition("\n\n")
    if not separator or not body or not lines.endswith("\n"):
        raise _no_note("no empty line before the signatures, or no newline at the end")
    signatures = tuple(_read_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MOST_SIGNATURES:
        raise _no_note("too many signatures")
    return Note(body + "\n", signatures)


def sign_note(text: str, key: NoteKey, signer: NoteSigner, *, time: int = 0) -> NoteSignature:
    """Sign a note text.

    Args:
        text: the text, ending in a newline.
        key: the public half; its kind decides what is signed.
        signer: signs with the private half.
        time: seconds since 1970, for a cosignature.
    """
    stamp = time.to_bytes(8) if key.kind == COSIGNATURE else b""
    return NoteSignature(key.name, key.key_id, stamp + signer.sign(_signed_bytes(text, key.kind, time)))


def signature_holds(text: str, signature: NoteSignature, key: NoteKey) -> bool:
    """Whether a signature line is a valid signature of ``key`` over the text."""
    if signature.name != key.name or signature.key_id != key.key_id:
        return False
    stamp = 8 if key.kind == COSIGNATURE else 0
    if len(signature.signature) != stamp + _SIGNATURE_BYTES:
        return False
    signed = _signed_bytes(text, key.kind, int.from_bytes(signature.signature[:stamp]))
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature.signature[stamp:], signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed_bytes(text: str, kind: int, time: int) -> bytes:
    """What is signed: the text itself, or the text under the cosignature head (tlog-cosignature)."""
    head = f"cosignature/v1\ntime {time}\n" if kind == COSIGNATURE else ""
    return (head + text).encode("utf-8")


def _read_signature(line: str) -> NoteSignature:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2 or not is_key_name(parts[0]):
        raise _no_note("a line after the empty line is no signature line")
    data = _base64(parts[1])
    if len(data) <= 4:
        raise _no_note("a signature is too short")
    return NoteSignature(parts[0], data[:4], data[4:])


def _base64(text: str) -> bytes:
    """Standard base64 in its one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_note("no base64") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise _no_note("base64 with unused bits set")
    return data


def _no_note(why: str) -> LogDamaged:
    return LogDamaged(f"Not a signed note: {why}.", code="log.note")
