"""Sealing and opening a large message from file to file: peak memory and speed, beside plain AES-256-GCM.

Run: ``python -m benchmarks large_messages``; ``python -m benchmarks.large_messages BYTES`` takes another size. Each row
is a process of its own. Its peak is the most memory that it ever held (VmHWM), interpreter and libraries included;
``growth`` is the peak beyond what it held when the work began. The unit of ``ratio`` is AES-256-GCM alone over the same
bytes in pieces of the same size, read from a file and written to one. ``kept nowhere`` is the same work without
writing, which leaves the reading, the cipher, and the SHA-256 that sealing takes twice and opening once. Of several
turns the best counts. It fails when a process grows beyond the limit, or when what was opened is not what was sealed.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.security.filekeys import FileSigner, file_decrypter, read_private_key
from gateway.security.generation import describe_public_key, generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.large_content import describe
from gateway.security.large_limits import DEFAULT_LARGE_LIMITS
from gateway.security.large_opening import LargeOpener, Sink
from gateway.security.large_sealing import seal_large
from gateway.security.lifecycle import Lifecycle
from gateway.security.metadata import MessageMetadata

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SIZE = 200_000_000
PIECE = DEFAULT_LARGE_LIMITS.chunk_bytes
FED = 65_536
"""Bytes of a piece in which a web server hands on a request's body, at most."""
MOST_GROWTH_MB = 16.0
TURNS = 5
KEYS = {"sender": ("xx-sig-202603-1", "sig", "ES256"), "recipient": ("aa-enc-202603-1", "enc", "ECDH-ES+A256KW")}
METADATA = MessageMetadata(
    iss="xx",
    aud="aa",
    iat=int(NOW.timestamp()),
    jti="m-1",
    agreement="aa-xx-manifests",
    type="manifest",
    schema="zz-manifest-1.0",
    cty="application/xml",
    purpose="risk-analysis",
)


class Nowhere:
    """A sink that keeps nothing."""

    def write(self, data: memoryview, /) -> None:
        """Forget it."""


def memory_mb(name: str) -> float:
    """A line of this process's status, ``VmHWM`` or ``VmRSS``, in megabytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    sys.exit("this system does not tell the peak memory of a process")


def pieces_of(file: Path, size: int = PIECE) -> Iterator[bytes]:
    """A file in pieces."""
    with file.open("rb") as stream:
        while piece := stream.read(size):
            yield piece


def registered(folder: Path, party: str) -> tuple[Any, RegisteredKey]:
    """A party's private key, and its public half as registered."""
    private = read_private_key((folder / f"{party}.pem").read_bytes())
    public = describe_public_key(private, *KEYS[party])
    return private, RegisteredKey(public, public.kid[:2], Lifecycle.active_from(NOW))


def seal(folder: Path, sink: Sink) -> None:
    """Read the content twice, write the envelope."""
    (private, sender), (_, recipient) = registered(folder, "sender"), registered(folder, "recipient")
    content = describe(pieces_of(folder / "content"), DEFAULT_LARGE_LIMITS)
    pieces = pieces_of(folder / "content")
    sealed = seal_large(content, pieces, METADATA, FileSigner(private, sender.key), recipient.key)
    for piece in sealed.pieces:
        sink.write(memoryview(piece))


def open_whole(folder: Path, sink: Sink, size: int) -> None:
    """Read the envelope, write the content."""
    (_, sender), (private, recipient) = registered(folder, "sender"), registered(folder, "recipient")
    opener = LargeOpener(
        sink, decrypters=[file_decrypter(private, recipient)], lookup_key=lambda _: sender, recipient="aa", at=NOW
    )
    for piece in pieces_of(folder / "sealed", size):
        opener.feed(piece)
    opener.finish()


def encrypt_plainly(folder: Path, sink: Sink) -> None:
    """AES-256-GCM and nothing else, in pieces of the size of a chunk."""
    cipher = AESGCM(bytes(32))
    for number, piece in enumerate(pieces_of(folder / "content")):
        sink.write(memoryview(cipher.encrypt(number.to_bytes(12), piece, None)))


def decrypt_plainly(folder: Path, sink: Sink) -> None:
    """The way back."""
    cipher = AESGCM(bytes(32))
    for number, piece in enumerate(pieces_of(folder / "plain", PIECE + 16)):
        sink.write(memoryview(cipher.decrypt(number.to_bytes(12), piece, None)))


STEPS: dict[str, tuple[str, Callable[[Path, Sink], None]]] = {
    "AES-GCM encrypt": ("plain", encrypt_plainly),
    "seal": ("sealed", seal),
    "AES-GCM decrypt": ("decrypted", decrypt_plainly),
    "open": ("opened", lambda folder, sink: open_whole(folder, sink, PIECE)),
    "open, fed by 64 KiB": ("opened", lambda folder, sink: open_whole(folder, sink, FED)),
}


def work(name: str, folder: Path) -> None:
    """One row, in a process of its own: prints its figures as JSON."""
    output, step = STEPS[name]
    held, to_file, to_nowhere = memory_mb("VmRSS"), [], []
    for _ in range(TURNS):
        with suppress(FileNotFoundError):
            (folder / output).unlink()
        begin = perf_counter()
        with (folder / output).open("wb") as file:
            step(folder, file)
        to_file.append(perf_counter() - begin)
        begin = perf_counter()
        step(folder, Nowhere())
        to_nowhere.append(perf_counter() - begin)
    peak = memory_mb("VmHWM")
    print(json.dumps({"file": min(to_file), "nowhere": min(to_nowhere), "peak": peak, "growth": peak - held}))


def digest_of(file: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    for piece in pieces_of(file):
        digest.update(piece)
    return digest.hexdigest()


def make_ready(folder: Path, size: int) -> None:
    """Keys, and content of random bytes."""
    for party, (_, _, algorithm) in KEYS.items():
        (folder / f"{party}.pem").write_bytes(generate_key("xx", algorithm, NOW).private_pem())
    with (folder / "content").open("wb") as file:
        for start in range(0, size, PIECE):
            file.write(os.urandom(min(PIECE, size - start)))


def main(size: int) -> int:
    """All rows; the exit code is 1 when a limit is broken."""
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_ready(folder, size)
        print(f"{size:,} bytes, chunks of {PIECE:,}, best of {TURNS}")
        for step in STEPS:
            command = [sys.executable, "-m", "benchmarks.large_messages", step, name]
            printed = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - this module
            rows[step] = row = json.loads(printed)
            unit = rows["AES-GCM encrypt" if step in {"AES-GCM encrypt", "seal"} else "AES-GCM decrypt"]
            print(
                f"{step:20} {size / 1e6 / row['file']:7.0f} MB/s  ratio {row['file'] / unit['file']:5.2f}   "
                f"kept nowhere {size / 1e6 / row['nowhere']:7.0f} MB/s  ratio {row['nowhere'] / unit['nowhere']:5.2f}  "
                f"peak {row['peak']:6.1f} MB  growth {row['growth']:5.1f} MB"
            )
        same = digest_of(folder / "content") == digest_of(folder / "opened")
        added = (folder / "sealed").stat().st_size - size
    growth = max(row["growth"] for row in rows.values())
    print(
        f"wire: {added:,} bytes more than the content; greatest growth {growth:.1f} MB, limit {MOST_GROWTH_MB:.0f} MB"
    )
    if not same:
        print("what was opened is not what was sealed", file=sys.stderr)
    return 0 if same and growth <= MOST_GROWTH_MB else 1


if __name__ == "__main__":
    if len(sys.argv) == 3:
        work(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) == 2 else SIZE))
