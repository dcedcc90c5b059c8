"""The matrix: each kind of damage on each of many messages at several random places, and what the verdicts say."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from gateway.catalogue import Judging
from gateway.validation.verdict import Verdict, verdict
from tests.proof.damage import Damage, Maker, Outcome, outcome
from tests.proof.json_damage import JSON_KINDS
from tests.proof.spots import spots
from tests.proof.subjects import Node, Subject, as_json, line_in, written
from tests.proof.values import Leaf, ValueMaker, value_kinds, weight
from tests.proof.xml_damage import XML_KINDS

_ATTEMPTS = 12
UNDAMAGED = "(valid before the damage)"

Judge: TypeAlias = Callable[[bytes], Verdict]


@dataclass(slots=True)
class Row:
    """What became of one kind.

    Attributes:
        messages: messages that have a place for it.
        done, found, right: damages; those found; those whose first finding is at the right place.
        failures: what went wrong, for people; never a text of a message.
    """

    kind: str
    messages: int = 0
    done: int = 0
    found: int = 0
    right: int = 0
    failures: list[str] = field(default_factory=list)


def xml_rows(judging: Judging, subjects: Sequence[Subject], places: int) -> list[Row]:
    """The matrix of XML documents, each recognised by itself."""
    judge = partial(_judge, judging, None)
    made: dict[str, Maker] = {kind: partial(_xml_value, judging, maker) for kind, maker in value_kinds(judging).items()}
    return _rows({**XML_KINDS, **made}, subjects, lambda _: judge, lambda one: one.data, places)


def json_rows(judging: Judging, subjects: Sequence[Subject], places: int) -> list[Row]:
    """The matrix of JSON forms, judged as the format of the subject (JSON has no namespace to tell it by)."""
    made: dict[str, Maker] = {kind: partial(json_value, judging, maker) for kind, maker in value_kinds(judging).items()}
    kinds = {**JSON_KINDS, **made}
    return _rows(
        kinds, subjects, lambda one: partial(_judge, judging, one.form.name), lambda one: as_json(one.tree), places
    )


def _judge(judging: Judging, name: str | None, data: bytes) -> Verdict:
    return verdict(judging.formats, data, name, rules=judging.rules)


def _rows(
    kinds: dict[str, Maker],
    subjects: Sequence[Subject],
    judge_of: Callable[[Subject], Judge],
    data_of: Callable[[Subject], bytes],
    places: int,
) -> list[Row]:
    rows = {kind: Row(kind) for kind in (UNDAMAGED, *kinds)}
    for subject in subjects:
        judge = judge_of(subject)
        before = judge(data_of(subject))
        _count_undamaged(rows[UNDAMAGED], subject, before)
        for kind, maker in kinds.items():
            made = list(_damages(maker, subject, f"{subject.name} {kind}", places))
            rows[kind].messages += bool(made)
            for damage in made:
                _count(rows[kind], subject, damage, before, judge(damage.data))
    return list(rows.values())


def _count_undamaged(row: Row, subject: Subject, verdict_on_it: Verdict) -> None:
    row.messages += 1
    row.done += 1
    row.found += verdict_on_it.valid
    row.right += verdict_on_it.valid
    if not verdict_on_it.valid:
        row.failures.append(f"{subject.name}: refused for {sorted({one.code for one in verdict_on_it.findings})}")


def _damages(maker: Maker, subject: Subject, seed: str, places: int) -> Iterable[Damage]:
    chance = random.Random(seed)
    left = places
    for _ in range(_ATTEMPTS):
        damage = maker(subject.another(), chance)
        if damage is not None:
            yield damage
            left -= 1
        if not left:
            return


def _count(row: Row, subject: Subject, damage: Damage, before: Verdict, after: Verdict) -> None:
    found: Outcome = outcome(damage, before, after)
    row.done += 1
    row.found += found.found
    row.right += found.right
    if not found.right:
        first = found.first
        told = (first.code, first.path, first.line) if first is not None else None
        row.failures.append(f"{subject.name}: due at {sorted(damage.places)} line {sorted(damage.lines)}, told {told}")


def _xml_value(judging: Judging, maker: ValueMaker, subject: Subject, chance: random.Random) -> Damage | None:
    nodes = [(node, element) for node, element in subject.nodes() if element.is_leaf]
    chance.shuffle(nodes)
    for node, element in nodes:
        texts = {str(name): str(text) for name, text in node.attrib.items()}
        change = maker(Leaf(element, node.text or "", texts, tells_form=_tells_form(subject, node)), chance)
        severity = weight(judging, subject.form, change) if change is not None else None
        if change is None or severity is None:
            continue
        if change.attribute:
            node.set(change.attribute, change.text)
        else:
            node.text = change.text
        path, data = subject.path(node), written(subject.root)
        return Damage(
            data=data,
            places=frozenset([path, f"{path}{change.also}"]),
            lines=frozenset([line_in(subject.root, node, data)]),
            severity=severity,
        )
    return None


def _tells_form(subject: Subject, node: Node) -> bool:
    """Whether a leaf decides between a form of a package and the package itself (a change, a cancellation)."""
    head = subject.form.head
    return bool(head.canonical and head.recognise_leaves) and subject.path(node) in head.recognise_leaves


def json_value(judging: Judging, maker: ValueMaker, subject: Subject, chance: random.Random) -> Damage | None:
    """Damage a value of the JSON form, the first at random that a kind can damage."""
    leaves = [spot for spot in spots(subject) if spot.element.is_leaf and not spot.is_list]
    chance.shuffle(leaves)
    for spot in leaves:
        change = maker(spot.leaf, chance)
        severity = weight(judging, subject.form, change) if change is not None else None
        if change is None or severity is None:
            continue
        spot.change(change)
        more = f"/{change.also}" if change.also else ""
        return Damage(
            data=as_json(subject.tree),
            places=frozenset([spot.path, f"{spot.path}{change.also}"]),
            pointers=frozenset([spot.pointer, f"{spot.pointer}{more}"]),
            severity=severity,
        )
    return None


def table(title: str, rows: Sequence[Row]) -> str:
    """The matrix as text."""
    lines = [title, f"  {'kind of damage':26} {'messages':>8} {'damages':>8} {'found':>8} {'right place':>12}"]
    lines += [_line(row.kind, row.messages, (row.done, row.found, row.right)) for row in rows]
    done, found, right = (sum(getattr(row, name) for row in rows) for name in ("done", "found", "right"))
    lines.append(_line("all", "", (done, found, right)))
    return "\n".join(lines)


def _line(kind: str, messages: int | str, counts: tuple[int, int, int]) -> str:
    done, found, right = counts
    return f"  {kind:26} {messages:8} {done:8} {_share(found, done)} {_share(right, done, 12)}"


def _share(part: int, whole: int, width: int = 8) -> str:
    if not whole:
        return f"{'-':>{width}}"
    share = 100.0 if part == whole else min(99.99, 100 * part / whole)
    return f"{share:{width - 2}.2f} %"
