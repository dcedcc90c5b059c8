"""What a hint asks for, and which hint an element without one most likely means.

Hints are words in a schema's annotation. A WCO id or the name's representation term says as much for elements of the
data model, so schemas need a hint only where these do not tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.formats.structure import Element

REFERENCES = ("line-of", "lines-of", "value-of", "sum-of", "count-of")
"""Hints with a path: filled when the rest of the message stands."""

DATE_FORMS = ("102", "203", "204", "304", "iso", "compact")
DAY_FORMS = ("102", "iso", "DD.MM.YYYY", "YYYY/MM/DD", "DD/MM/YYYY", "DD-MM-YYYY")

NUMBERS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "gross-mass": (5, 3),
        "net-mass": (5, 3),
        "mass": (5, 3),
        "volume": (2, 3),
        "quantity": (4, 2),
        "packages": (3, 0),
        "amount": (6, 2),
        "line-amount": (6, 2),
        "unit-price": (3, 4),
        "rate": (2, 4),
        "number": (3, 0),
    }
)
"""Digits before the point and after it that are usual for a quantity, where the type allows more."""

PATTERNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "party-name": ("[A-Z][a-z]{3,8} [A-Z][a-z]{3,8} Co", "[A-Z]{3,12}"),
        "person-name": ("[A-Z][a-z]{2,8} [A-Z][a-z]{2,10}",),
        "phone": (r"\+99[0-9]{9}", "99[0-9]{6,9}"),
        "email": (r"[a-z]{3,8}@[a-z]{3,8}\.example", r"[a-z]@[a-z]{3}\.example"),
        "hs6": ("[0-9]{6}",),
        "hs8": ("[0-9]{8}", r"[0-9]{4}\.[0-9]{4}"),
        "hs10": ("[0-9]{10}", "[0-9]{13}", "[0-9]{8}"),
        "un-number": ("[1-3][0-9]{3}",),
        "container-number": ("ZZ[QKR]U[0-9]{7}",),
        "container-size": ("(22|42|45)(G|R|T)[01]",),
        "seal": ("[A-Z]{2}[0-9]{6}", "[A-Z0-9]{4,10}"),
        "plate": ("[A-Z]{3}-[0-9]{3}", "[A-Z]{3}[0-9]{3,4}"),
        "vehicle-id": ("[A-Z]{4}[0-9]{4}", "[A-Z0-9]{4,8}"),
        "bill-number": ("[A-Z]{6}[0-9]{7}", "[A-Z0-9]{3,10}"),
        "batch-number": ("[A-Z0-9]{9}[01][0-9A-Z]{3}",),
        "ucr": ("[0-9][A-Z]{2}[A-Z0-9]{8,20}",),
        "unlocode": ("[A-Z]{2}[A-Z2-9]{3}",),
        "office": ("[0-9]{4}", "[A-Z]{4}", "[A-Z]{2}[0-9]{6}"),
        "invoice-number": ("INV-[0-9]{6}", "[A-Z0-9]{4,8}"),
        "contract-number": ("CT-[0-9]{6}", "[A-Z0-9]{4,8}"),
        "declaration-type": ("(IM|EX|CO)[A-FJKYZ]",),
        "journey": ("26[0-9]{2}[EW]", "[A-Z0-9]{3,5}"),
    }
)
"""Texts for hints that no vocabulary and no identifier scheme answers; the first that the type admits is taken."""

LONG_TEXTS = frozenset({"party-name", "party-address-line", "goods-description", "marks", "free-text"})
"""Hints whose texts are now and then as long as the type allows, since other formats have shorter places."""

UNITS_OF_HINT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gross-mass": ("KGM",),
        "net-mass": ("KGM",),
        "mass": ("KGM",),
        "volume": ("MTQ",),
        "quantity": ("KGM", "H87", "MTR", "MTK", "LTR", "PR", "TNE"),
    }
)
"""Units of measure (UN/ECE Recommendation 20) that go with a hint."""

LIST_OF_HINT: Mapping[str, str] = MappingProxyType(
    {"currency": "iso-4217", "country": "iso-3166-1", "country3": "iso-3166-1-alpha-3", "unlocode": "unlocode"}
)
"""Code list that a hint stands for where the annotation names none."""

SCHEME_OF_HINT: Mapping[str, str] = MappingProxyType({"container-number": "iso6346"})
"""Identifier scheme of a hint that is not itself the name of one."""

_HINT_OF_WCO_ID: Mapping[str, str] = MappingProxyType(
    {
        "006": "sequence",
        "126": "gross-mass",
        "131": "gross-mass",
        "128": "net-mass",
        "130": "quantity",
        "134": "volume",
        "144": "packages",
        "146": "packages",
        "137": "goods-description",
        "138": "goods-description",
        "142": "marks",
        "159": "container-number",
        "165": "seal",
        "239": "party-address-line",
        "241": "city",
        "246": "person-name",
        "105": "free-text",
        "R014": "party-name",
        "R020": "party-name",
        "R031": "party-name",
        "R037": "party-name",
        "R045": "party-name",
    }
)
_HINT_OF_ENDING: tuple[tuple[str, str], ...] = (
    ("SequenceNumeric", "sequence"),
    ("DateTimeString", "datetime"),
    ("DateTime", "datetime"),
    ("Date", "date"),
    ("GrossMassMeasure", "gross-mass"),
    ("NetNetWeightMeasure", "net-mass"),
    ("VolumeMeasure", "volume"),
    ("Measure", "mass"),
    ("Amount", "amount"),
    ("Quantity", "quantity"),
    ("CityName", "city"),
    ("CountryCode", "country"),
    ("CurrencyCode", "currency"),
)


def hint_of(element: Element) -> str:
    """The element's own hint, or the one that its WCO id or the end of its name stands for; empty for none.

    A reference hint keeps its path: ``line-of Lines/Line``.
    """
    if element.annotation.hint:
        return element.annotation.hint
    known = _HINT_OF_WCO_ID.get(element.annotation.wco_id)
    if known is not None:
        return known
    return next((hint for ending, hint in _HINT_OF_ENDING if element.local.endswith(ending)), "")
