"""The key policy: which keys we take at all, checked when a key is imported and never left to the JOSE library.

joserfc would accept RSA keys of 1,024 bits, keys of the ROCA generator, and keys used under another algorithm than
their own. Here a key must say what it is for (``use``, ``alg``, ``kid``), be of a listed kind and size, hold no
private part when it comes from a partner, and pass the ROCA fingerprint.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from gateway.errors import DataFolderError

SMALLEST_RSA_BITS = 3072
"""About 128 bits of security (NIST SP 800-57 part 1)."""

SMALLEST_EXCEPTIONAL_RSA_BITS = 2048
"""Only for the key ids that a written exception names."""

LARGEST_RSA_BITS = 8192
"""More only costs time at every verification."""

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{43}|[a-z0-9]{2,32}-(?:sig|enc)-20[0-9]{2}(?:0[1-9]|1[0-2])-[1-9][0-9]{0,2}")
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class AlgorithmRule(NamedTuple):
    """What a key for one ``alg`` must be: ``kty``, allowed ``crv`` values (empty for RSA) and ``use``."""

    key_type: str
    curves: tuple[str, ...]
    use: str


ALGORITHM_RULES: Mapping[str, AlgorithmRule] = {
    "ES256": AlgorithmRule("EC", ("P-256",), "sig"),
    "Ed25519": AlgorithmRule("OKP", ("Ed25519",), "sig"),
    "PS256": AlgorithmRule("RSA", (), "sig"),
    "PS512": AlgorithmRule("RSA", (), "sig"),  # for HTTP signatures only: RFC 9421 has PSS with SHA-512 alone
    "ECDH-ES+A256KW": AlgorithmRule("", ("P-256", "X25519"), "enc"),
    "RSA-OAEP-256": AlgorithmRule("RSA", (), "enc"),
}
"""``ECDH-ES+A256KW`` has two key types; its curve decides between them."""

_CURVE_KEY_TYPES = {"P-256": "EC", "Ed25519": "OKP", "X25519": "OKP"}


class KeyRefused(DataFolderError):
    """A key does not meet the key policy; the operator must not register it."""

    code = "key.refused"


def check_description(jwk: Mapping[str, Any]) -> None:
    """Check what a JWK says about itself; its numbers are checked by `check_rsa_numbers` and the crypto library.

    Raises:
        KeyRefused: with a narrower code for each rule.
    """
    if _PRIVATE_MEMBERS & jwk.keys():
        raise KeyRefused("The key holds a private or symmetric part.", code="key.private-member", remedy=_PUBLIC_ONLY)
    for name in ("kty", "kid", "use", "alg"):
        if not isinstance(jwk.get(name), str):
            raise KeyRefused(f"The key lacks the member {name}.", path=name, code="key.member-missing")
    check_key_id(str(jwk["kid"]))
    rule = ALGORITHM_RULES.get(str(jwk["alg"]))
    if rule is None:
        raise KeyRefused("The key is for an algorithm outside the policy.", path="alg", code="key.algorithm")
    if jwk["use"] != rule.use:
        raise KeyRefused("The members use and alg of the key contradict each other.", path="use", code="key.use")
    if rule.curves and jwk.get("crv") not in rule.curves:
        raise KeyRefused("The key is on a curve that its alg does not allow.", path="crv", code="key.curve")
    if jwk["kty"] != (_CURVE_KEY_TYPES[str(jwk["crv"])] if rule.curves else rule.key_type):
        raise KeyRefused("The key type does not fit the key's alg.", path="kty", code="key.type")


_PUBLIC_ONLY = "Export the public half only, and replace the key: its private part has been shown."


def check_key_id(key_id: str) -> None:
    """Refuse a key id that is neither an RFC 7638 thumbprint nor ``<party>-<use>-<yyyymm>-<n>``.

    Raises:
        KeyRefused: ``key.kid``.
    """
    if _KEY_ID.fullmatch(key_id) is None:
        raise KeyRefused(
            "The key id is neither a SHA-256 thumbprint nor of the form party-use-yyyymm-n.",
            path="kid",
            code="key.kid",
            remedy="Name the key like aa-sig-202601-1.",
        )


def check_rsa_numbers(modulus: int, exponent: int, *, key_id: str, short_rsa_allowed: Collection[str]) -> None:
    """Refuse RSA numbers that are too small, too costly, or made by the ROCA generator.

    Args:
        modulus: the public modulus.
        exponent: the public exponent.
        key_id: looked up in ``short_rsa_allowed``.
        short_rsa_allowed: key ids that a written exception lets be as short as 2,048 bits.

    Raises:
        KeyRefused: ``key.too-short``, ``key.too-long``, ``key.exponent`` or ``key.roca``.
    """
    smallest = SMALLEST_EXCEPTIONAL_RSA_BITS if key_id in short_rsa_allowed else SMALLEST_RSA_BITS
    if modulus.bit_length() < smallest:
        raise KeyRefused(f"The RSA key is shorter than {smallest} bits.", path="n", code="key.too-short")
    if modulus.bit_length() > LARGEST_RSA_BITS:
        raise KeyRefused(f"The RSA key is longer than {LARGEST_RSA_BITS} bits.", path="n", code="key.too-long")
    # FIPS 186-5 A.1.1: odd and at least 65,537; the upper bound keeps verification cheap.
    if exponent < 65537 or exponent % 2 == 0 or exponent.bit_length() > 64:
        raise KeyRefused("The RSA exponent is not an odd number from 65537 to 2^64.", path="e", code="key.exponent")
    if has_roca_fingerprint(modulus):
        raise KeyRefused("The RSA key was made by a generator with known weak primes.", path="n", code="key.roca")


def _powers_of_65537(prime: int) -> frozenset[int]:
    """The subgroup that 65537 generates modulo ``prime``."""
    power, members = 1, set()
    while power not in members:
        members.add(power)
        power = power * 65537 % prime
    return frozenset(members)


_ROCA_SUBGROUPS = {
    prime: _powers_of_65537(prime)
    for prime in (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
}


def has_roca_fingerprint(modulus: int) -> bool:
    """Whether a modulus looks made by the weak generator of CVE-2017-15361.

    Its primes are ``k * M + (65537^a mod M)`` with M a product of small primes, so the modulus is a power of 65537
    modulo each of them. For a sound key all seventeen conditions hold by chance about once in 2^27.
    """
    return all(modulus % prime in powers for prime, powers in _ROCA_SUBGROUPS.items())
