"""What sealing, opening and logging cost: milliseconds for each step, by algorithm and size.

Run ``python benchmarks/envelope.py``. Each figure is the median of several runs on this machine, in one thread; keys
are made before the clock starts. The memory column is the peak of Python objects while the message is opened.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

from gateway.audit.entry import LogEntry, row_commitments
from gateway.audit.merkle import CompactRange, leaf_hash
from gateway.security.envelope import open_sealed, seal, verify_stored
from gateway.security.filekeys import FileSigner, file_decrypter
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.metadata import MessageMetadata

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SIZES = {"10 KB": 10_000, "1 MB": 1_000_000, "10 MB": 10_000_000}
METADATA = MessageMetadata(
    iss="xx",
    aud="aa",
    iat=int(NOW.timestamp()),
    jti="m-1",
    agreement="aa-xx-declarations",
    type="export-declaration",
    schema="zz-declaration-1.0",
    cty="application/xml",
    purpose="risk-analysis",
)
"""What is signed beside the content of every measured message."""
KINDS = [("ES256", "ECDH-ES+A256KW"), ("Ed25519", "ECDH-ES+A256KW"), ("PS256", "RSA-OAEP-256")]


def median_ms(step: Callable[[], object], runs: int) -> float:
    """Median duration of a step in milliseconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        step()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def measure_envelope(signature: str, management: str) -> None:
    """Print one line for each size."""
    active = Lifecycle.active_from(NOW)
    sender, recipient = generate_key("xx", signature, NOW), generate_key("aa", management, NOW)
    signer, registered = FileSigner(sender.private, sender.public), RegisteredKey(sender.public, "xx", active)
    decrypter = file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", active))
    for name, size in SIZES.items():
        content, runs = b"<a>" + b"x" * size, 200 if size < 100_000 else 5
        sealed = seal(content, METADATA, signer, recipient.public)

        def opening(data: bytes = sealed.jwe) -> object:
            return open_sealed(data, decrypters=[decrypter], lookup_key=lambda _: registered, recipient="aa", at=NOW)

        seal_ms = median_ms(lambda content=content: seal(content, METADATA, signer, recipient.public), runs)  # type: ignore[misc]
        open_ms = median_ms(opening, runs)
        stored_ms = median_ms(lambda jws=sealed.jws: verify_stored(jws, registered, received=NOW), runs)  # type: ignore[misc]
        tracemalloc.start()
        opening()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        growth = len(sealed.jwe) / len(content)
        print(
            f"{signature:8} {management:15} {name:>6}  seal {seal_ms:8.2f}  open {open_ms:8.2f}  "
            f"verify stored {stored_ms:8.2f}  wire x{growth:.2f}  peak {peak:6.1f} MB"
        )


def measure_log(entries: int = 20_000) -> None:
    """Print what one log entry with three rows of ten columns costs, and what an append costs."""
    columns = {f"column_{number}": "value" for number in range(10)}
    salt = bytes(16)

    def entry() -> bytes:
        commitments: dict[str, str] = {}
        for table in ("exchange", "message", "receipt"):
            commitments |= row_commitments(salt, table, "0123456789abcdef", columns)
        return LogEntry(index=1, time=NOW, tag="a:b:c", salt=salt, commitments=commitments).as_bytes()

    data, edge = entry(), CompactRange()
    begin = time.perf_counter()
    for _ in range(entries):
        edge.append(leaf_hash(data))
    rate = entries / (time.perf_counter() - begin)
    print(f"log entry {median_ms(entry, 500):.2f} ms, {len(data)} bytes; {rate:,.0f} appends a second")


if __name__ == "__main__":
    for signature, management in KINDS:
        measure_envelope(signature, management)
    measure_log()
