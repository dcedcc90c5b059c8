"""What the security path of one message of 10 KB costs, by step, beside the bare primitives that no step can avoid.

Run ``python -m benchmarks security``. The steps of a message that comes in: token, HTTP signature, open, log entry,
receipt, signed answer; of one that goes out: seal, signed request. Beside each stands the same work done with
``cryptography``, ``hashlib`` and ``base64`` alone: no parsing, no policy, no registry. Step and bare work take turns,
medians are shown, in microseconds. All signatures are ES256, encryption is ECDH-ES+A256KW on P-256 with A256GCM. The
replay memory and the store are not in it: they are one durable transaction, which `sarhad bench` measures elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from benchmarks.envelope import METADATA
from gateway.audit.entry import LogEntry, row_commitments
from gateway.audit.merkle import leaf_hash
from gateway.authorisation.access import AccessCheck
from gateway.authorisation.clients import OAuthClient
from gateway.authorisation.realm import Realm
from gateway.authorisation.scopes import Scope
from gateway.authorisation.tokens import new_token, sign_token
from gateway.identifiers import PartnerCode
from gateway.security.certificates import PinnedCertificate
from gateway.security.envelope import open_sealed, seal
from gateway.security.filekeys import FileSigner, file_decrypter
from gateway.security.generation import generate_key
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_signatures import new_nonce, sign_request, sign_response, verify_request
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.receipts import Receipt, sign_receipt

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTENT = b"<a>" + secrets.token_hex(4998).encode() + b"</a>"
ACTIVE = Lifecycle.active_from(NOW)
TURNS = 200
MOST_MS = 15.0
"""Most that the path of one message may take on a busy shared machine: about five times what it does take."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the path.

    Attributes:
        name: what is done.
        way: ``in`` or ``out``, by the message whose cost it is part of.
        ours: does it.
        bare: does the same work with primitives alone.
    """

    name: str
    way: str
    ours: Callable[[], object]
    bare: Callable[[], object]


class Bare:
    """Primitives on keys of their own, as fast as Python can call them."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._public = self._private.public_key()
        self._method = ec.ECDSA(hashes.SHA256())
        self._text = b"y" * 700
        self._signature = self._private.sign(self._text, self._method)

    def sign(self) -> bytes:
        """One signature over a short text."""
        return self._private.sign(self._text, self._method)

    def verify(self) -> None:
        """One verification over a short text."""
        self._public.verify(self._signature, self._text, self._method)

    def seal(self) -> tuple[ec.EllipticCurvePublicKey, bytes, bytes, bytes]:
        """Sign and encode, agree on a key, encrypt, encode."""
        signed = base64.urlsafe_b64encode(CONTENT)
        signed += self._private.sign(signed, self._method)
        ephemeral = ec.generate_private_key(ec.SECP256R1())
        key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
        wrapped = aes_key_wrap(_derived(ephemeral, self._public), key)
        return ephemeral.public_key(), wrapped, nonce, base64.urlsafe_b64encode(AESGCM(key).encrypt(nonce, signed, b""))

    def open(self, sealed: tuple[ec.EllipticCurvePublicKey, bytes, bytes, bytes]) -> bytes:
        """The way back, with the digest that is kept as evidence."""
        ephemeral, wrapped, nonce, encrypted = sealed
        key = aes_key_unwrap(_derived(self._private, ephemeral), wrapped)
        signed = AESGCM(key).decrypt(nonce, base64.urlsafe_b64decode(encrypted), b"")
        length = 4 * -(-len(CONTENT) // 3)
        self._public.verify(signed[length:], signed[:length], self._method)
        hashlib.sha256(signed).digest()
        return base64.urlsafe_b64decode(signed[:length])


def _derived(private: ec.EllipticCurvePrivateKey, public: ec.EllipticCurvePublicKey) -> bytes:
    return ConcatKDFHash(hashes.SHA256(), 32, b"z" * 40).derive(private.exchange(ec.ECDH(), public))


def envelope_steps(bare: Bare) -> tuple[list[Step], bytes]:
    """Open and seal; and a sealed message."""
    sender, recipient = generate_key("xx", "ES256", NOW), generate_key("aa", "ECDH-ES+A256KW", NOW)
    signer, registered = FileSigner(sender.private, sender.public), RegisteredKey(sender.public, "xx", ACTIVE)
    decrypter = file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", ACTIVE))
    sealed, plain = seal(CONTENT, METADATA, signer, recipient.public), bare.seal()
    lookup = {registered.kid: registered}.get

    def opening() -> object:
        return open_sealed(sealed.jwe, decrypters=[decrypter], lookup_key=lookup, recipient="aa", at=NOW)

    steps = [
        Step(name="open", way="in", ours=opening, bare=lambda: bare.open(plain)),
        Step(
            name="seal",
            way="out",
            ours=lambda: seal(CONTENT, METADATA, signer, recipient.public),
            bare=bare.seal,
        ),
    ]
    return steps, sealed.jwe


def http_steps(bare: Bare, jwe: bytes) -> list[Step]:
    """The signed request in, the receipt and the signed answer; the signed request out."""
    made = generate_key("xx", "ES256", NOW)
    signer, key = FileSigner(made.private, made.public), RegisteredKey(made.public, "xx", ACTIVE)
    lookup = {key.kid: key}.get
    headers = Headers.of([("content-type", "application/jose"), ("authorization", "Bearer " + "t" * 800)])
    plain = HttpRequest(method="POST", target="https://gateway.example/v1/messages", headers=headers, content=jwe)
    request = sign_request(plain, signer, at=NOW, nonce=new_nonce())
    receipt = Receipt(
        holder="aa",
        sender="xx",
        message_id="m-1",
        jws_digest="0" * 64,
        exchange_id="0" * 32,
        received="2026-03-01T00:00:00Z",
        log_origin="aa.example/log",
        log_index="1",
        entry_hash="0" * 64,
    )
    content = json.dumps({"receipt": sign_receipt(receipt, signer).decode()}).encode()
    answer = HttpResponse(status=202, headers=Headers.of([("content-type", "application/json")]), content=content)

    def digest_and(work: Callable[[], object], data: bytes) -> Callable[[], object]:
        return lambda: (hashlib.sha256(data).digest(), work())

    return [
        Step(
            name="HTTP signature of the request",
            way="in",
            ours=lambda: verify_request(request, lookup_key=lookup, sender="xx", at=NOW),
            bare=digest_and(bare.verify, jwe),
        ),
        Step(name="receipt", way="in", ours=lambda: sign_receipt(receipt, signer), bare=bare.sign),
        Step(
            name="HTTP signature of the answer",
            way="in",
            ours=lambda: sign_response(answer, request, signer, at=NOW, nonce=new_nonce()),
            bare=digest_and(bare.sign, content),
        ),
        Step(
            name="HTTP signature of our request",
            way="out",
            ours=lambda: sign_request(plain, signer, at=NOW, nonce=new_nonce()),
            bare=digest_and(bare.sign, jwe),
        ),
    ]


def token_step(bare: Bare) -> Step:
    """The access token that comes with a request."""
    realm = Realm(issuer="https://gateway.example", audience="https://gateway.example/v1")
    client_key, own_key = generate_key("xx", "ES256", NOW), generate_key("aa", "ES256", NOW)
    keys = {
        key.public.kid: RegisteredKey(key.public, party, ACTIVE) for party, key in (("xx", client_key), ("aa", own_key))
    }
    client = OAuthClient(client_id=PartnerCode("xx"), scopes=frozenset(Scope), lookup_key=keys.get)
    check = AccessCheck(realm=realm, clients=lambda _: client, lookup_key=keys.get, home="aa")
    caller = PinnedCertificate("xx", "A" * 43, ACTIVE)
    token = new_token(realm, client.client_id, client.scopes, caller.thumbprint, "t-1", NOW)
    lines = [f"Bearer {sign_token(token, realm, FileSigner(own_key.private, own_key.public))}"]
    return Step(
        name="access token",
        way="in",
        ours=lambda: check.require(lines, Scope.SEND, caller=caller, at=NOW),
        bare=bare.verify,
    )


def log_step() -> Step:
    """The log entry of a receipt: commitments to three rows of ten columns, the canonical form, the leaf hash."""
    columns = {f"column_{number}": "value" for number in range(10)}
    salt = bytes(16)

    def ours() -> bytes:
        commitments: dict[str, str] = {}
        for table in ("exchange", "message", "receipt"):
            commitments |= row_commitments(salt, table, "0123456789abcdef", columns)
        return leaf_hash(LogEntry(index=1, time=NOW, tag="a:b:c", salt=salt, commitments=commitments).as_bytes())

    texts = [f"row/{table}/0123456789abcdef/{column}" for table in ("a", "b", "c") for column in columns]

    def bare() -> bytes:
        digests = {text: hashlib.sha256(salt + text.encode()).hexdigest() for text in texts}
        return hashlib.sha256(json.dumps(digests, sort_keys=True, separators=(",", ":")).encode()).digest()

    return Step(name="log entry", way="in", ours=ours, bare=bare)


def medians(steps: list[Step]) -> Mapping[str, tuple[float, float]]:
    """Median microseconds of each step and of its bare work, all taking turns."""
    taken: dict[str, tuple[list[float], list[float]]] = {step.name: ([], []) for step in steps}
    for _ in range(TURNS):
        for step in steps:
            for call, times in zip((step.ours, step.bare), taken[step.name], strict=True):
                begin = perf_counter()
                call()
                times.append((perf_counter() - begin) * 1e6)
    return {name: (statistics.median(ours), statistics.median(bare)) for name, (ours, bare) in taken.items()}


def main() -> int:
    """Print a line for each step and a sum for each way; 1 when a way takes longer than it may."""
    bare = Bare()
    envelope, jwe = envelope_steps(bare)
    steps = [token_step(bare), *http_steps(bare, jwe), *envelope, log_step()]
    taken = medians(steps)
    print(f"one message of {len(CONTENT):,} bytes, {len(jwe):,} sealed; microseconds, median of {TURNS}")
    slow = []
    for way, title in (("in", "a message that comes in"), ("out", "a message that goes out")):
        parts = [(step.name, *taken[step.name]) for step in steps if step.way == way]
        total = (title, sum(ours for _, ours, _ in parts), sum(least for _, _, least in parts))
        for name, ours, least in [*parts, total]:
            print(f"  {name:32} {ours:9.0f}  bare {least:8.0f}  x{ours / least:5.1f}")
        if total[1] > MOST_MS * 1000:
            slow.append(title)
    if slow:
        print(f"slower than {MOST_MS} ms: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
