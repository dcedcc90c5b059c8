"""The files with which a partner begins: profile, page for people, checklist, and what it is handed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.security.keys import thumbprint


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPartner:
    """What is known of a partner at the beginning.

    Attributes:
        code: name of its folder.
        name: of the administration.
        endpoint: base URL; empty where it has none yet.
        envelope: form of sealed messages.
        way: ``push`` or ``pull``.
    """

    code: str
    name: str
    endpoint: str
    envelope: str
    way: str


def partner_files(new: NewPartner) -> dict[str, str]:
    """The files of the partner's folder by name."""
    return {
        "profile.toml": _profile(new),
        "README.md": _README.format(name=new.name),
        "CHECKLIST.md": _CHECKLIST.format(code=new.code, name=new.name),
        "certificates/README.md": _CERTIFICATES,
    }


def handed_over(new: NewPartner, *, keys: str, certificates: str) -> dict[str, str]:
    """What the partner is given, by name.

    Args:
        new: the partner.
        keys: our public key list.
        certificates: our certificate list.
    """
    return {
        "KEY_REQUEST.md": _KEY_REQUEST.format(code=new.code, name=new.name, fingerprints=_fingerprints(keys)),
        "gateway-keys.json": keys,
        "gateway-certificates.json": certificates,
    }


def _fingerprints(keys: str) -> str:
    """A line a key of ours: what is read out over the telephone."""
    listed: list[Mapping[str, Any]] = json.loads(keys)["keys"]
    return "\n".join(f"| `{key['kid']}` | {key['use']} | {key['alg']} | `{thumbprint(key)}` |" for key in listed)


def _profile(new: NewPartner) -> str:
    collects = new.way == "pull"
    reached = bool(new.endpoint) or collects
    roles = '["sends", "receives"]' if reached else '["sends"]  # "receives" as soon as channel.endpoint is known'
    return _PROFILE.format(
        code=new.code,
        name=json.dumps(new.name, ensure_ascii=False),
        roles=roles,
        endpoint=f"endpoint = {json.dumps(new.endpoint)}" if new.endpoint else '# endpoint = "https://..."',
        envelope=new.envelope,
        way=new.way,
    )


_PROFILE = """\
# Where and how. Who may send what, and why, stands in agreements/.
code = "{code}"
name = {name}
roles = {roles}

[channel]
{endpoint}
rate_per_minute = 6000

[texts]
# What mappings read as $partner/NAME, such as our sender id in the partner's system.

[security]
# Everything is on. What is turned off is logged with each message and shown by `sarhad partner show {code}`.
keys = "certificates/keys.json"
certificates = "certificates/tls.json"
auth = "mtls+oauth"
http_signature = "cgw-1"
envelope = "{envelope}"
suite = "intl-1"

[delivery]
way = "{way}"
dead_letter = "block"
acknowledgement = true
"""

_README = """\
# {name}

For readers of its agreements, mappings and schemas. Say here, with the source of each fact:

- **What crosses**: message types, which way, in which national form.
- **Systems and people**: which system sends and receives; who answers technical and legal questions, with time zone.
- **Numbering and quirks**: references, code lists, dates, units that differ from ours.
- **Not settled**: what is our proposal so far.
"""

_CERTIFICATES = """\
# Keys of this partner

`keys.json` is the partner's list of public keys with the dates between which each counts, `tls.json` the list of its
TLS certificates. They come in by `sarhad partner keys CODE --import` and `sarhad partner certificates CODE --import`,
after the fingerprints were compared over a second way. Nothing secret belongs here.
"""

_CHECKLIST = """\
# {name}: from here to the first live message

In this order; each step can be checked before the next begins. `docs/howto/onboard-a-partner.md` explains them.

- [ ] **Agreement**: `agreements/<ours>-{code}-<subject>-v1.toml` with examples; `sarhad agreement test`,
      `sarhad check`.
- [ ] **Forms and mapping**: schemas under `wco_schemas/national/{code}/`, tables under `mappings/{code}/`;
      `sarhad mapping check`.
- [ ] **Our lists handed over**: the folder `hand-over-{code}`, by a way that both sides trust.
- [ ] **Their keys taken in**: `sarhad partner keys {code} --import FILE`.
- [ ] **Key fingerprints compared** by telephone, with a person we know: `sarhad partner keys {code}`. Date, both names:
- [ ] **TLS certificates taken in and pinned**: `sarhad partner certificates {code} --import FILE`; fingerprints
      compared. Date, both names:
- [ ] **The port asks for them**: the settings have `tls = "1.3"`, or `trusted_proxies`; `sarhad run` starts.
- [ ] **Sandbox**: `sarhad run --sandbox`; its own key lists exchanged in the same way (`SARHAD_REALM=sandbox`).
- [ ] **Test run**: `sarhad partner test {code} --endpoint URL -o {code}-report.jws`, all checks passed; or the
      partner's own run against our sandbox (`--as`).
- [ ] **Both sides' monitoring** shows the other side; who is called at night, on both sides:
- [ ] **Live**: `sarhad partner live {code} --report {code}-report.jws`.
- [ ] **First message** with both sides on the telephone; the receipts compared.
"""

_KEY_REQUEST = """\
# Keys that we need from {name}

## What to send
| file | holds | form |
|---|---|---|
| `{code}-keys.json` | public keys: one that signs, one that we encrypt to | JWK Set (RFC 7517), public members only |
| `{code}-certificates.json` | TLS client and server certificates | list with `x5t#S256` and `x5c` |

Each key has `kid`, `use`, `alg` and `states`, such as `[["active", "2026-01-01T00:00:00Z"]]`:

| use | `use` | `alg` (one of) | key |
|---|---|---|---|
| signing messages, receipts and HTTP requests | `sig` | `ES256`, `Ed25519` | P-256; Ed25519 |
| the same with RSA: two keys | `sig` | `PS256` for messages, `PS512` for HTTP | RSA, 3,072 bits or more |
| encryption to you | `enc` | `ECDH-ES+A256KW` | P-256 or X25519 |
| the same with RSA | `enc` | `RSA-OAEP-256` | RSA, 3,072 bits or more |

`kid` is `{code}-sig-YYYYMM-N` and `{code}-enc-YYYYMM-N`, or the RFC 7638 thumbprint; an id is never used again. Private
keys never leave your house, not even to us. With our Python client:

    from pathlib import Path
    from gateway.client.side import make_side_certificate, make_side_keys
    Path("{code}-keys.json").write_bytes(make_side_keys(Path("keys"), "{code}"))
    Path("{code}-certificates.json").write_bytes(make_side_certificate(Path("keys"), "{code}", ["your.host.example"]))

## Fingerprints over a second way
Files can be exchanged on their way. Send them by one way, and read these to us over another one (telephone, letter), to
a person whom you know: for each key its RFC 7638 thumbprint, for each certificate the SHA-256 of its DER form. We do
the same with ours:

| our key | use | algorithm | RFC 7638 thumbprint |
|---|---|---|---|
{fingerprints}

Our certificate's fingerprint is the member `x5t#S256` of `gateway-certificates.json`.
"""
