"""Values of leaves and attributes: what the code list, the hint and the type together allow."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from gateway.codes.codelists import CodeList
from gateway.codes.dates import Moment, Precision, format_moment
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.formats.generation.facets import admits, draw_number, draw_value, shortened
from gateway.formats.generation.hints import (
    DATE_FORMS,
    DAY_FORMS,
    LIST_OF_HINT,
    LONG_TEXTS,
    NUMBERS,
    PATTERNS,
    SCHEME_OF_HINT,
    UNITS_OF_HINT,
    hint_of,
)
from gateway.formats.generation.patterns import draw_text
from gateway.formats.generation.vocabulary import Vocabulary
from gateway.formats.structure import Attribute, Element, SimpleType

_TRIES = 12
_SHARE_OF_COMMON_CODES = 0.67
_SHARE_OF_LONG_TEXTS = 0.08
_LONGEST_TEXT = 700
_FORM_IN_PATTERN = re.compile(r"\{([YMD][^{}]*)\}")
_ZONES = (0, 1, 3, 5, 8)
"""Hours from UTC that drawn times are told in."""


@dataclass(slots=True)
class Source:
    """Everything one message is drawn from: chance, day, and the project's data."""

    stream: random.Random
    at: date
    code_lists: Mapping[str, CodeList]
    schemes: Mapping[str, IdentifierScheme]
    vocabulary: Vocabulary
    currency: str = ""
    offset: timedelta = field(default_factory=timedelta)
    _usable: dict[tuple[str, int], tuple[list[str], list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.offset = timedelta(hours=self.stream.choice(_ZONES))
        self.currency = self.stream.choice(self.vocabulary.common.get("iso-4217", ("USD", "EUR")))

    def usable_codes(self, known: CodeList, kind: SimpleType) -> tuple[list[str], list[str]]:
        """All codes in force of a list that a type admits, and those of them that most messages use."""
        key = (known.name, id(kind))
        if key not in self._usable:
            codes = [code for code in known.national_codes(self.at) if admits(kind, code)]
            common = [code for code in self.vocabulary.common.get(known.name, ()) if code in codes]
            self._usable[key] = (codes, common)
        return self._usable[key]


def draw_leaf_text(element: Element, source: Source, position: int, form_code: str = "") -> str | None:
    """The text of a leaf.

    Args:
        element: the leaf.
        source: what the message is drawn from.
        position: number of the entry in whose list the leaf stands, for sequence numbers.
        form_code: the ``formatCode`` that was drawn for it, where it has one.
    """
    assert element.type is not None
    if form_code:
        return _first_admitted(element.type, _moments(source, (form_code,)))
    hint = source.stream.choice(hint_of(element).split("|"))
    if element.type.enumeration:
        return draw_value(element.type, source.stream, source.at)
    listed = _listed(element.annotation.code_list or LIST_OF_HINT.get(hint, ""), element.type, source)
    if listed is not None:
        return listed
    hinted = _first_admitted(element.type, _candidates(hint, element.type, source, position)) if hint else None
    return hinted if hinted is not None else draw_value(element.type, source.stream, source.at)


def draw_attribute_text(attribute: Attribute, element: Element, source: Source) -> str | None:
    """The text of an attribute of an element or leaf."""
    if attribute.fixed is not None:
        return attribute.fixed
    code_list = attribute.annotation.code_list
    wanted: tuple[str, ...] = UNITS_OF_HINT.get(hint_of(element), ()) if attribute.name == "unitCode" else ()
    if attribute.name == "currencyID":
        wanted = (source.currency,)
        code_list = code_list or "iso-4217"
    if attribute.name == "unitCode":
        code_list = code_list or "unece-rec-20"
    known = source.code_lists.get(code_list)
    wanted = tuple(code for code in wanted if admits(attribute.type, code))
    if known is not None:
        wanted = tuple(code for code in wanted if known.contains_national(code, source.at))
    if wanted:
        return source.stream.choice(wanted)
    listed = None if attribute.type.enumeration else _listed(code_list, attribute.type, source)
    return listed if listed is not None else draw_value(attribute.type, source.stream, source.at)


def draw_format_code(attribute: Attribute, element: Element, source: Source) -> str | None:
    """A ``formatCode`` for which a date can be written that the leaf's type takes."""
    assert element.type is not None
    codes = list(attribute.type.enumeration or ("102", "304", "204", "203"))
    source.stream.shuffle(codes)
    for code in codes:
        if code in DATE_FORMS and admits(attribute.type, code):
            text = _first_admitted(element.type, _moments(source, (code,)))
            if text is not None:
                return code
    return None


def _first_admitted(kind: SimpleType, candidates: Iterator[str]) -> str | None:
    return next((text for text in candidates if admits(kind, text)), None)


def _listed(name: str, kind: SimpleType, source: Source) -> str | None:
    """A code in force of a list that the type admits; None when the list is not known or holds none."""
    known = source.code_lists.get(name)
    if known is None:
        return None
    codes, common = source.usable_codes(known, kind)
    if common and source.stream.random() < _SHARE_OF_COMMON_CODES:
        return source.stream.choice(common)
    return source.stream.choice(codes) if codes else None


def _candidates(hint: str, kind: SimpleType, source: Source, position: int) -> Iterator[str]:
    if hint == "sequence":
        yield str(position)
    elif hint in ("date", "datetime"):
        yield from _moments(source, DAY_FORMS if hint == "date" else DATE_FORMS)
    elif hint in NUMBERS:
        yield from _numbers(hint, kind, source)
    elif SCHEME_OF_HINT.get(hint, hint) in source.schemes:
        scheme = source.schemes[SCHEME_OF_HINT.get(hint, hint)]
        bodies = (draw_text(scheme.body, source.stream) for _ in range(_TRIES))
        yield from (whole for body in bodies if body is not None and (whole := scheme.complete(body)) is not None)
    else:
        yield from _texts(hint, kind, source)


def _texts(hint: str, kind: SimpleType, source: Source) -> Iterator[str]:
    """Words of the vocabulary, then texts of its patterns, then of the patterns known here."""
    texts = source.vocabulary.texts.get(hint, ())
    if texts and hint in LONG_TEXTS and source.stream.random() < _SHARE_OF_LONG_TEXTS:
        yield _long_text(texts, kind, source)
    for _ in range(_TRIES if texts else 0):
        yield shortened(kind, source.stream.choice(texts))
    own = source.vocabulary.patterns.get(hint, ())
    for pattern in (*source.stream.sample(own, len(own)), *PATTERNS.get(hint, ())):
        text = draw_text(_dated(pattern, source), source.stream, kind.min_length, kind.max_length)
        if text is not None:
            yield text


def _long_text(texts: tuple[str, ...], kind: SimpleType, source: Source) -> str:
    """Several texts in one, up to the greatest length: such as overflow the places of other formats."""
    most = min(_LONGEST_TEXT, kind.max_length or _LONGEST_TEXT)
    wanted = source.stream.randint(most // 2, most)
    text = source.stream.choice(texts)
    while len(text) < wanted:
        text = f"{text}, {source.stream.choice(texts)}"
    return text[:most].strip()


def _dated(pattern: str, source: Source) -> str:
    """A pattern with dates of the last weeks in place of its forms of dates."""
    day = Moment(day=source.at - timedelta(days=source.stream.randint(0, 60)))
    return _FORM_IN_PATTERN.sub(lambda form: _written(day, form[1]), pattern)


def _written(day: Moment, letters: str) -> str:
    written = format_moment(day, letters if "YYYY" in letters else f"{letters} of 20")
    return re.escape(written.text) if written is not None else ""


def _numbers(hint: str, kind: SimpleType, source: Source) -> Iterator[str]:
    digits, fraction = NUMBERS[hint]
    if kind.base in ("decimal", "integer"):
        yield from (draw_number(kind, source.stream, digits=digits, fraction=fraction) for _ in range(_TRIES))
        return
    for most in (fraction, fraction, 0, 1, 2, 3, 4, 5):
        plain = SimpleType(base="decimal", fraction_digits=most)
        yield draw_number(plain, source.stream, digits=digits, fraction=most)


def _moments(source: Source, forms: tuple[str, ...]) -> Iterator[str]:
    """Dates of the last weeks in the given forms, the forms in random order."""
    day = source.at - timedelta(days=source.stream.randint(0, 60))
    clock = time(source.stream.randint(0, 23), source.stream.randint(0, 59), source.stream.randint(0, 59))
    whole = Moment(day=day, clock=clock, offset=source.offset, precision=Precision.SECOND)
    for form in source.stream.sample(forms, len(forms)):
        for moment in (whole, Moment(day=day)):
            written = format_moment(moment, form)
            if written is not None and (moment is not whole or written.loss == "none"):
                yield written.text
    yield day.isoformat()
