"""200 MB are sealed and opened with the memory of a few chunks; measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

STATUS = Path("/proc/self/status")
LENGTH = 200_000_000
MOST_GROWTH = 24_000_000


def test_200_mb_need_the_memory_of_a_few_chunks() -> None:
    if not STATUS.is_file():
        pytest.skip("this system does not tell the peak memory of a process")
    ran = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    opened, growth = map(int, ran.stdout.split())
    assert opened == LENGTH
    assert 0 < growth < MOST_GROWTH


def _memory(name: str) -> int:
    [line] = [line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024


def _content() -> Iterator[bytes]:
    piece = bytes(range(256)) * 3906
    for _ in range(LENGTH // len(piece)):
        yield piece
    yield piece[: LENGTH % len(piece)]


def _seal_and_open() -> None:
    """What the child process does: the envelope goes straight from the sealing into the opening."""
    from gateway.security.filekeys import FileSigner, file_decrypter  # noqa: PLC0415 - not for the test's process
    from gateway.security.generation import generate_key  # noqa: PLC0415
    from gateway.security.keys import RegisteredKey  # noqa: PLC0415
    from gateway.security.large_content import describe  # noqa: PLC0415
    from gateway.security.large_limits import DEFAULT_LARGE_LIMITS  # noqa: PLC0415
    from gateway.security.large_opening import LargeOpener  # noqa: PLC0415
    from gateway.security.large_sealing import seal_large  # noqa: PLC0415
    from gateway.security.lifecycle import Lifecycle  # noqa: PLC0415
    from gateway.security.metadata import MessageMetadata  # noqa: PLC0415

    now = datetime(2026, 3, 1, tzinfo=UTC)
    sender, recipient = generate_key("xx", "ES256", now), generate_key("aa", "ECDH-ES+A256KW", now)
    active = Lifecycle.active_from(now)
    registered = RegisteredKey(sender.public, "xx", active)
    metadata = MessageMetadata(
        iss="xx",
        aud="aa",
        iat=int(now.timestamp()),
        jti="m-1",
        agreement="aa-xx-manifests",
        type="manifest",
        schema="zz-manifest-1.0",
        cty="application/xml",
        purpose="risk-analysis",
    )

    class Counting:
        taken = 0

        def write(self, data: memoryview, /) -> None:
            self.taken += len(data)

    sink, before = Counting(), _memory("VmRSS")
    opener = LargeOpener(
        sink,
        decrypters=[file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", active))],
        lookup_key=lambda _: registered,
        recipient="aa",
        at=now,
    )
    content = describe(_content(), DEFAULT_LARGE_LIMITS)
    signer = FileSigner(sender.private, sender.public)
    for piece in seal_large(content, _content(), metadata, signer, recipient.public).pieces:
        opener.feed(piece)
    opener.finish()
    sys.stdout.write(f"{sink.taken} {_memory('VmHWM') - before}\n")


if __name__ == "__main__":
    _seal_and_open()
