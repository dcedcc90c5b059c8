"""The record of a chain as JSON: what ``sarhad amend --report`` writes and ``--chain`` takes up again.

It holds digests, paths, pointers and reason codes; the content of places only where the owner asks for it.
"""

from __future__ import annotations

import re
from typing import Any, Literal, get_args

import orjson

from gateway.case.chain import Link, Standing, check_links
from gateway.case.request import Kind
from gateway.errors import GatewayError
from gateway.formats.tree import Tree

State = Literal["unchanged", "amended", "cancelled"]
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_KINDS = frozenset(get_args(Kind))


class NoRecord(GatewayError):
    """A file that should hold the record of a chain holds something else."""

    code = "amend.no-record"


def state_of(standing: Standing) -> State:
    """Where a declaration stands, in one word."""
    if standing.cancelled:
        return "cancelled"
    return "amended" if standing.links else "unchanged"


def record_of(standing: Standing, format_name: str, *, values: bool = False) -> Tree:
    """The record of a chain.

    Args:
        standing: where the declaration stands.
        format_name: format of the declaration.
        values: with the content of the places that changed.
    """
    first = standing.links[0].before if standing.links else standing.digest
    return {
        "format": format_name,
        "state": state_of(standing),
        "first": first,
        "digest": standing.digest,
        "links": [link.as_json(values=values) for link in standing.links],
    }


def read_record(data: bytes) -> tuple[Link, ...]:
    """The links of a record; what changed at each is not read back.

    Raises:
        NoRecord: the file is none.
        ChainBroken: its links do not follow one another.
    """
    try:
        record = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _no_record("the file is not JSON", "") from None
    listed = record.get("links") if isinstance(record, dict) else None
    if not isinstance(listed, list):
        raise _no_record("the file has no list of links", "links")
    links = tuple(_link(one, f"links[{at}]") for at, one in enumerate(listed, 1))
    check_links(links)
    return links


def _link(one: Any, path: str) -> Link:
    if not isinstance(one, dict) or one.get("kind") not in _KINDS:
        raise _no_record("a link is an amendment or a cancellation", path)
    reasons = one.get("reasons", [])
    if not isinstance(reasons, list) or not all(isinstance(reason, str) for reason in reasons):
        raise _no_record("the reasons of a link are a list of codes", path)
    message, before, after = (_digest(one, key, path) for key in ("message", "before", "after"))
    return Link(kind=one["kind"], message=message, before=before, after=after, reasons=tuple(reasons))


def _digest(link: dict[str, Any], key: str, path: str) -> str:
    digest = link.get(key)
    if not isinstance(digest, str) or _DIGEST.match(digest) is None:
        raise _no_record("a link names its message and two versions by SHA-256, 64 hexadecimal digits", path)
    return digest


def _no_record(message: str, path: str) -> NoRecord:
    return NoRecord(
        message, path=path, remedy="hand in the file that --report wrote when the messages before were applied"
    )
