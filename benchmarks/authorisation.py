"""What an access token costs: milliseconds to issue one and to check one, and how often a second.

Run ``python -m benchmarks authorisation``. Beside each step stand the bare signature operations that it cannot do
without. The replay memory is kept in memory here; in the gateway each issue also costs one durable transaction.
"""

from __future__ import annotations

import json
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.authorisation.access import AccessCheck
from gateway.authorisation.assertions import ASSERTION_TYPE
from gateway.authorisation.clients import OAuthClient
from gateway.authorisation.forms import FORM, TokenCall
from gateway.authorisation.realm import Realm
from gateway.authorisation.scopes import Scope
from gateway.authorisation.server import TokenEndpoint
from gateway.identifiers import PartnerCode
from gateway.security.certificates import PinnedCertificate
from gateway.security.compact import sign_compact
from gateway.security.filekeys import FileSigner
from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW)
RUNS = 1000


class _Memory:
    """The replay memory as a set."""

    def __init__(self) -> None:
        self._kept: set[tuple[str, str, str]] = set()

    def remember(self, kind: str, owner: str, value: str, *, expires_at: datetime) -> bool:  # noqa: ARG002
        new = (kind, owner, value) not in self._kept
        self._kept.add((kind, owner, value))
        return new

    def forget(self, *, before: datetime) -> int:  # noqa: ARG002
        return 0


def median_ms(step: Callable[[], object]) -> float:
    """Median duration of a step in milliseconds."""
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        step()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def _bodies(key: GeneratedKey, realm: Realm) -> Iterator[bytes]:
    """Token requests, each with an assertion of its own."""
    signer, now = FileSigner(key.private, key.public), int(NOW.timestamp())
    for number in count():
        claims = {"iss": "xx", "sub": "xx", "aud": realm.issuer, "iat": now, "exp": now + 60, "jti": str(number)}
        assertion = sign_compact(json.dumps(claims).encode(), members={}, typ="JWT", signer=signer).decode()
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        yield urlencode({**form, "client_assertion": assertion}).encode()


def main() -> None:
    """Print one line for each step."""
    realm = Realm(issuer="https://gateway.example", audience="https://gateway.example/v1")
    client_key, own_key = generate_key("xx", "ES256", NOW), generate_key("aa", "ES256", NOW)
    keys = {
        key.public.kid: RegisteredKey(key.public, party, ACTIVE) for party, key in (("xx", client_key), ("aa", own_key))
    }
    client = OAuthClient(client_id=PartnerCode("xx"), scopes=frozenset(Scope), lookup_key=keys.get)
    signer = FileSigner(own_key.private, own_key.public)
    endpoint = TokenEndpoint(
        realm=realm, clients=lambda _: client, nonces=_Memory(), signer=lambda _: signer, new_id=secrets.token_hex
    )
    check = AccessCheck(realm=realm, clients=lambda _: client, lookup_key=keys.get, home="aa")
    caller = PinnedCertificate("xx", "A" * 43, ACTIVE)
    requests = _bodies(client_key, realm)
    calls = iter([_call(next(requests), caller) for _ in range(RUNS + 1)])
    answer = endpoint.answer(next(calls))
    lines = [f"Bearer {answer.body['access_token']}"]
    sign_ms, verify_ms = bare_ms()
    issue_ms = median_ms(lambda: endpoint.answer(next(calls)))
    check_ms = median_ms(lambda: check.require(lines, Scope.SEND, caller=caller, at=NOW))
    _line("issue", issue_ms, "verify + sign", sign_ms + verify_ms)
    _line("check", check_ms, "verify", verify_ms)


def _line(name: str, ms: float, bare_name: str, bare: float) -> None:
    print(f"{name}  {ms:6.2f} ms  {1000 / ms:7,.0f}/s  bare {bare_name:13} {bare:5.2f} ms  x{ms / bare:.1f}")


def _call(body: bytes, caller: PinnedCertificate) -> TokenCall:
    return TokenCall(body=body, content_types=(FORM,), query="", authorization=(), caller=caller, at=NOW)


def bare_ms() -> tuple[float, float]:
    """Bare ECDSA P-256 over 600 bytes: sign and verify, milliseconds."""
    private, data, method = ec.generate_private_key(ec.SECP256R1()), b"x" * 600, ec.ECDSA(hashes.SHA256())
    public, signature = private.public_key(), private.sign(data, method)
    return median_ms(lambda: private.sign(data, method)), median_ms(lambda: public.verify(signature, data, method))


if __name__ == "__main__":
    main()
