"""The messages that the kit sends: from the examples beside the agreement in force, else from the generator.

No format, partner or agreement is named here: which message types there are, and in which form, the agreement says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from lxml import etree

from gateway.agreement.agreement import Agreement
from gateway.agreement.examples import read_example
from gateway.agreement.terms import MessageTerms
from gateway.catalogue import Catalogue
from gateway.errors import GatewayError, NotFound
from gateway.findings import has_errors
from gateway.formats.parsing import parse_xml
from gateway.simulator.messages import generated, rule_breaking

Way = Literal["in", "out"]
"""Seen from the gateway of the agreement's own side: ``in`` for what the partner sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A message ready to be sealed.

    Attributes:
        agreement: id without version.
        message_type: as the agreement lists it.
        format_name: of the content.
        purpose: one that the agreement lists.
        content_type: media type of the content.
        content: the bytes.
    """

    agreement: str
    message_type: str
    format_name: str
    purpose: str
    content_type: str
    content: bytes

    @property
    def is_xml(self) -> bool:
        """Whether the content is XML."""
        return "xml" in self.content_type

    def with_content(self, content: bytes) -> Sample:
        """The same message with other bytes."""
        return replace(self, content=content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What a run needs.

    Attributes:
        good: valid and permitted.
        rule_breaking: accepted by its schema, refused by the rules behind it; None where none is at hand.
        expired: a message of an agreement that is over; None where there is none.
    """

    good: Sample
    rule_breaking: Sample | None = None
    expired: Sample | None = None


def samples_of(catalogue: Catalogue, partner: str, way: Way, at: datetime, *, seed: int = 1) -> Samples:
    """The messages of one way under the agreements with a partner.

    Args:
        catalogue: the data folders.
        partner: code of the agreement's partner.
        way: ``in`` for what that partner sends, ``out`` for what it receives.
        at: now.
        seed: of generated messages.

    Raises:
        NotFound: ``conformance.no-sample``: no agreement in force lists a message of this way.
    """
    listed = list(_listed(catalogue, partner, way))
    in_force = [one for one in listed if _in_force(one[0], at)]
    for agreement, terms in in_force:
        good = _sample(catalogue, agreement, terms, _good_content(catalogue, agreement, terms, seed))
        broken = (_broken(catalogue, *one, seed) for one in in_force)
        return Samples(
            good=good,
            rule_breaking=next((one for one in broken if one is not None), None),
            expired=next((_over(good, *one) for one in listed if _is_over(one[0], at, listed)), None),
        )
    raise NotFound(
        "no agreement in force lists a message of this way",
        path=partner,
        remedy="write the agreement first, or name samples in the file of the side that tests",
        code="conformance.no-sample",
    )


def signable(samples: Samples) -> Samples:
    """The same messages without comments and processing instructions, which signed XML may not hold."""
    kept = {name: getattr(samples, name) for name in Samples.__slots__}
    return Samples(**{name: one and one.with_content(_plain(one)) for name, one in kept.items()})


def _plain(sample: Sample) -> bytes:
    if not sample.is_xml:
        return sample.content
    plain: bytes = etree.tostring(parse_xml(sample.content), encoding="UTF-8", xml_declaration=True)
    return plain


def _listed(catalogue: Catalogue, partner: str, way: Way) -> Iterator[tuple[Agreement, MessageTerms]]:
    for agreement in catalogue.agreements_with(partner):
        for terms in agreement.terms.messages:
            if terms.direction == way:
                yield agreement, terms


def _in_force(agreement: Agreement, at: datetime) -> bool:
    active = agreement.terms.status == "active" and agreement.begins <= at
    return active and (agreement.ends is None or at < agreement.ends)


def _is_over(agreement: Agreement, at: datetime, listed: list[tuple[Agreement, MessageTerms]]) -> bool:
    """Whether an agreement has ended and no later version of it goes on."""
    over = agreement.ends is not None and agreement.ends <= at
    return over and not any(one.id == agreement.id and _in_force(one, at) for one, _ in listed)


def _sample(catalogue: Catalogue, agreement: Agreement, terms: MessageTerms, content: bytes) -> Sample:
    return Sample(
        agreement=agreement.id,
        message_type=terms.type,
        format_name=terms.format,
        purpose=terms.purposes[0],
        content_type=f"application/{catalogue.formats.get(terms.format).head.syntax}",
        content=content,
    )


def _over(good: Sample, agreement: Agreement, terms: MessageTerms) -> Sample:
    return replace(
        good,
        agreement=agreement.id,
        message_type=terms.type,
        format_name=terms.format,
        purpose=terms.purposes[0],
    )


def _good_content(catalogue: Catalogue, agreement: Agreement, terms: MessageTerms, seed: int) -> bytes:
    """An example of the agreement where one is written in this very form; else a generated message."""
    for example in _examples(catalogue, agreement, terms):
        try:
            chosen, reading = catalogue.formats.read(example)
        except GatewayError:
            continue
        if chosen.name == terms.format and reading.tree is not None and not has_errors(reading.findings):
            return example
    return catalogue.formats.get(terms.format).write(generated(catalogue, terms.format, seed, 0.6))


def _examples(catalogue: Catalogue, agreement: Agreement, terms: MessageTerms) -> Iterator[bytes]:
    """The messages of the examples that must be allowed, for this message type."""
    beside = (catalogue.root / agreement.file).with_suffix(".examples")
    for file in sorted(beside.glob("*.toml")):
        example, _ = read_example(file.read_bytes(), file.name)
        told = example is not None and example.expect == "allowed" and example.direction == terms.direction
        if example is not None and told and example.type == terms.type and example.message:
            yield (beside / example.message).read_bytes()


def _broken(catalogue: Catalogue, agreement: Agreement, terms: MessageTerms, seed: int) -> Sample | None:
    if not catalogue.has_mapping(terms.format, "to-wco"):
        return None
    tree = rule_breaking(catalogue, terms.format, seed)
    if tree is None:
        return None
    return _sample(catalogue, agreement, terms, catalogue.formats.get(terms.format).write(tree))


def read_samples(document: dict[str, Any], folder: Path) -> Samples:
    """Samples that a side names itself: tables ``good``, and where it has them ``rule_breaking`` and ``expired``.

    Args:
        document: table ``samples`` of the side's file.
        folder: which the files are named from.

    Raises:
        NotFound: ``conformance.no-sample``: a member is missing or a file cannot be read.
    """
    made = {name: _named(name, document[name], folder) for name in Samples.__slots__ if name in document}
    if "good" not in made:
        raise _unreadable("samples.good")
    return Samples(**made)


def _named(name: str, table: Any, folder: Path) -> Sample:
    try:
        members = {key: str(table[key]) for key in ("agreement", "type", "format", "purpose", "file")}
        content = (folder / members["file"]).read_bytes()
    except (KeyError, TypeError, OSError):
        raise _unreadable(f"samples.{name}") from None
    return Sample(
        agreement=members["agreement"],
        message_type=members["type"],
        format_name=members["format"],
        purpose=members["purpose"],
        content_type=str(table.get("content_type", "application/xml")),
        content=content,
    )


def _unreadable(path: str) -> NotFound:
    return NotFound(
        "a sample is not named in full, or its file cannot be read",
        path=path,
        remedy="give agreement, type, format, purpose and file",
        code="conformance.no-sample",
    )


def read_toml(file: Path) -> dict[str, Any]:
    """A TOML file of a side.

    Raises:
        NotFound: ``conformance.side``.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise NotFound(
            "the file of the side that tests cannot be read as TOML", path=str(file), code="conformance.side"
        ) from None
