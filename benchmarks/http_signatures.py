"""What a signed HTTP request of 10 KB costs, beside the hash and the signature that nobody can avoid.

Run: ``python -m benchmarks http_signatures``. The unit is SHA-256 over the content and one bare signature (or its
verification) over a signature base of the usual length, by the same key in the same run; the difference is what reading
fields strictly and building the base cost. All calls take turns; medians are shown. The limits are for the work beside
the unit, in milliseconds, because the unit itself differs by a factor of ten between the algorithms.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import perf_counter

from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_profile import algorithm_of
from gateway.security.http_signatures import new_nonce, sign_request, sign_response, verify_request, verify_response
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTENT = b"x" * 10_000
BASE = b"y" * 700
TURNS = 300
MOST_MS = 5.0
ALGORITHMS = ("ES256", "Ed25519", "PS512")


def medians(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Median milliseconds of each call, all taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(TURNS):
        for name, call in calls.items():
            begin = perf_counter()
            call()
            taken[name].append((perf_counter() - begin) * 1000)
    return {name: statistics.median(times) for name, times in taken.items()}


def calls_of(algorithm: str) -> dict[str, Callable[[], object]]:
    """The steps for a key of one algorithm, and the two units."""
    made = generate_key("xx", algorithm, NOW)
    signer = FileSigner(made.private, made.public)
    key = RegisteredKey(made.public, "xx", Lifecycle.active_from(NOW))
    lookup = {key.kid: key}.get
    headers = Headers.of([("content-type", "application/jose"), ("authorization", "Bearer " + "t" * 800)])
    plain = HttpRequest(method="POST", target="https://gateway.example/v1/messages", headers=headers, content=CONTENT)
    request = sign_request(plain, signer, at=NOW, nonce=new_nonce())
    receipt = HttpResponse(
        status=202, headers=Headers.of([("content-type", "application/jose")]), content=CONTENT[:900]
    )
    response = sign_response(receipt, request, signer, at=NOW, nonce=new_nonce())
    bare, signature = algorithm_of(algorithm)(public_key=made.public.native), signer.sign(BASE)
    return {
        "unit: hash and sign": lambda: (hashlib.sha256(CONTENT).digest(), signer.sign(BASE)),
        "unit: hash and verify": lambda: (hashlib.sha256(CONTENT).digest(), bare.verify(signature, BASE)),
        "sign request": lambda: sign_request(plain, signer, at=NOW, nonce=new_nonce()),
        "verify request": lambda: verify_request(request, lookup_key=lookup, sender="xx", at=NOW),
        "sign response": lambda: sign_response(receipt, request, signer, at=NOW, nonce=new_nonce()),
        "verify response": lambda: verify_response(response, request, lookup_key=lookup, sender="xx", at=NOW),
    }


def main() -> int:
    """Print a line for each step; 1 when a step is over its limit."""
    slow = []
    for algorithm in ALGORITHMS:
        taken = medians(calls_of(algorithm))
        for name, milliseconds in taken.items():
            if name.startswith("unit"):
                print(f"{algorithm:8} {name:22} {milliseconds:7.3f} ms")
                continue
            unit = taken["unit: hash and sign" if name.startswith("sign") else "unit: hash and verify"]
            beside = milliseconds - unit
            print(
                f"{algorithm:8} {name:22} {milliseconds:7.3f} ms  x{milliseconds / unit:5.1f}  beside {beside:6.3f} ms"
            )
            if beside > MOST_MS:
                slow.append(f"{algorithm} {name}")
    if slow:
        print(f"slower than {MOST_MS} ms beside the unit: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
