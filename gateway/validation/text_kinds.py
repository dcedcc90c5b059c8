"""The kinds of rules that look at one text: codes, identifier schemes, patterns, tidiness."""

from __future__ import annotations

import re

from gateway.codes.codelists import CodeList
from gateway.findings import Severity
from gateway.validation.check import Built, Place, Run, TextTest, remembered
from gateway.validation.rule import Rule
from gateway.validation.rule_options import CodeRule, PatternRule, SchemeRule, TidyRule

_MOST_LISTED = 5000
"""Lists up to this size are looked up as one set; a longer one is asked code by code."""


def build_code(rule: Rule, place: Place) -> Built | None:
    """A code stands in its list, by validity on the document's date."""
    options: CodeRule = rule.options
    codes = place.known.code_lists.get(options.list or place.code_list)
    if codes is None:
        return None
    national = not place.package
    always = _always(codes, national=national)
    known = _asking(codes, always, national=national)
    return Built(
        text=_of_part(options, known),
        fine=always if not (options.first or options.before or options.shape) else frozenset(),
        at_most=Severity.ERROR if codes.complete else Severity.WARNING,
        expected=f"a code of the list {codes.name}" + ("" if codes.complete else "; it may merely not be loaded"),
    )


def _always(codes: CodeList, *, national: bool) -> frozenset[str]:
    """Codes that hold on every day; none of a list that is too long to be held twice."""
    if len(codes.rows) > _MOST_LISTED:
        return frozenset()
    open_rows = [row for row in codes.rows if row.valid_from is None and row.valid_to is None]
    return frozenset(row.national if national else row.wco for row in open_rows) - {""}


def _asking(codes: CodeList, always: frozenset[str], *, national: bool) -> TextTest:
    contains = codes.contains_national if national else codes.contains_wco
    if always and all(row.valid_from is None and row.valid_to is None for row in codes.rows):
        return lambda text, _: text in always
    return lambda text, run: text in always or contains(text, run.day)


def _of_part(options: CodeRule, known: TextTest) -> TextTest:
    shape = remembered(lambda part: fits(part) is not None) if options.shape else None
    fits = re.compile(options.shape).fullmatch
    first, before = options.first, options.before

    def test(text: str, run: Run) -> bool:
        part = text.strip()
        if not part or (shape is not None and not shape(part)):
            return True
        if before:
            part = part.partition(before)[0]
        return known(part[:first] if first else part, run)

    return test


def build_scheme(rule: Rule, place: Place) -> Built | None:
    """An identifier keeps to its scheme, check characters included."""
    options: SchemeRule = rule.options
    scheme = place.known.schemes.get(options.scheme)
    if scheme is None:
        return None
    fits, strict = scheme.pattern.fullmatch, options.strict

    def test(text: str) -> bool:
        text = text.strip()
        return scheme.is_valid(text) or not (strict or fits(text))

    right = remembered(test)
    return Built(text=lambda text, _: right(text))


def build_pattern(rule: Rule, _: Place) -> Built:
    """A text fits a regular expression as a whole; blanks around it are another rule's business."""
    options: PatternRule = rule.options
    fits = re.compile(options.pattern).fullmatch
    right = remembered(lambda text: fits(text.strip()) is not None)
    return Built(text=lambda text, _: right(text))


def build_tidy(rule: Rule, _: Place) -> Built:
    """A text has no blanks around it, or no control characters in it."""
    options: TidyRule = rule.options
    if options.forbid == "blanks":
        return Built(text=lambda text, _: text == text.strip(), tidies=True)
    return Built(text=lambda text, _: text.isprintable() or not _has_control(text), tidies=True)


def _has_control(text: str) -> bool:
    """Whether a character is of the sets C0 or C1, tabs and line ends included."""
    return any(sign < " " or "\x7f" <= sign <= "\x9f" for sign in text)
