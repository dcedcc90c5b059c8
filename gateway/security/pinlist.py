"""Certificate lists: the registered TLS certificates of one party with their dated states.

    {"certificates": [{"x5t#S256": "...43 characters...", "x5c": ["...DER in base64..."],
                       "states": [["active", "2026-01-01T00:00:00Z"]]}]}

``x5t#S256`` is the pin (RFC 7515 section 4.1.8). ``x5c`` holds the leaf itself, here alone and not its chain: with it
the leaf is its own trust anchor and no authority is needed. Without it the chain has to lead to an authority that the
operator trusts; the pin is compared all the same. A list is imported by an operator, never fetched live.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.findings import Fault
from gateway.security.certificates import (
    CertificateRefused,
    PinnedCertificate,
    certificate_thumbprint,
    read_certificate,
)
from gateway.security.dated_states import read_states, write_states
from gateway.security.policy import KeyRefused

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_MEMBERS = frozenset({"x5t#S256", "x5c", "states", "not_after"})


@dataclass(frozen=True, slots=True)
class ListedCertificate:
    """One entry of a certificate list.

    Attributes:
        pin: whose certificate it is, its thumbprint and its states.
        der: the certificate itself; empty when the list gives the thumbprint only.
    """

    pin: PinnedCertificate
    der: bytes = b""


def read_pin_list(data: bytes, *, owner: str, file: str) -> tuple[tuple[ListedCertificate, ...], tuple[Fault, ...]]:
    """Read a certificate list, collecting every fault instead of stopping at the first.

    Args:
        data: the JSON document.
        owner: code of the party that holds the private halves.
        file: name for the faults.
    """
    try:
        entries = [dict(entry) for entry in json.loads(data)["certificates"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        message = "The file is not a JSON object with a list certificates."
        return (), (Fault(file=file, code="certificate.list", message=message),)
    listed: dict[str, ListedCertificate] = {}
    faults: list[Fault] = []
    for number, entry in enumerate(entries, start=1):
        row = f"certificates[{number}]"
        try:
            found = _entry(entry, owner)
        except KeyRefused as refused:
            message = f"{refused.message} ({refused.path})"
            faults.append(Fault(file=file, row=row, code=refused.stable_code, message=message, remedy=refused.remedy))
            continue
        if found.pin.thumbprint in listed:
            message = "This certificate stands twice in the list."
            faults.append(Fault(file=file, row=row, code="certificate.shared", message=message))
            continue
        listed[found.pin.thumbprint] = found
    return tuple(listed.values()), tuple(faults)


def write_pin_list(certificates: Iterable[ListedCertificate]) -> bytes:
    """The certificate list of some certificates, as UTF-8 JSON."""
    entries = []
    for listed in certificates:
        entry: dict[str, Any] = {"x5t#S256": listed.pin.thumbprint}
        if listed.der:
            entry["x5c"] = [base64.b64encode(listed.der).decode("ascii")]
        entries.append(entry | write_states(listed.pin.lifecycle))
    return json.dumps({"certificates": entries}, indent=2).encode("utf-8") + b"\n"


def _entry(entry: Mapping[str, Any], owner: str) -> ListedCertificate:
    """One entry; raises KeyRefused for what is wrong with it."""
    unknown = sorted(str(name) for name in entry.keys() - _MEMBERS)
    if unknown:
        raise _refused("A member is not known.", unknown[0], "Leave out what a certificate list does not have.")
    thumbprint = entry.get("x5t#S256")
    if not isinstance(thumbprint, str) or _THUMBPRINT.fullmatch(thumbprint) is None:
        raise _refused("The thumbprint is not base64url of a SHA-256.", "x5t#S256", "Give 43 characters, no padding.")
    der = _leaf(entry["x5c"]) if "x5c" in entry else b""
    if der and certificate_thumbprint(der) != thumbprint:
        raise _refused("The certificate is another one than the thumbprint says.", "x5c", "Make the list anew.")
    return ListedCertificate(PinnedCertificate(owner, thumbprint, read_states(entry)), der)


def _leaf(chain: Any) -> bytes:
    """The one certificate of an ``x5c``; its base64 is the plain one with padding (RFC 7515 section 4.1.6)."""
    remedy = "Give a list with the base64 of one DER certificate."
    if not isinstance(chain, list) or len(chain) != 1 or not isinstance(chain[0], str):
        raise _refused("The certificate is not a list of one text.", "x5c", remedy)
    try:
        der = base64.b64decode(chain[0], validate=True)
        read_certificate(der)
    except (ValueError, CertificateRefused):
        raise _refused("The certificate cannot be read.", "x5c", remedy) from None
    return der


def _refused(message: str, path: str, remedy: str) -> KeyRefused:
    return KeyRefused(message, path=path, remedy=remedy, code="certificate.entry")
