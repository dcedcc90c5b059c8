from __future__ import annotations

import pytest

from gateway.codes.scheme_files import read_schemes

SCHEME = """
[[scheme]]
name = "xx-member"
title = "member number"
source = "made up"
engine = "weighted"
pattern = "[0-9]{3}"
body = "[0-9]{2}"
alphabet = "0123456789"
weights = [2, 1]
modulus = 10
checks = "0123456789"
valid = ["124"]
invalid = ["125"]
"""


def test_a_sound_scheme_is_read() -> None:
    schemes, faults = read_schemes(SCHEME, "schemes.toml")
    assert faults == []
    assert schemes["xx-member"].complete("12") == "124"
    assert schemes["xx-member"].title == "member number"


OUTER = """
[[scheme]]
name = "xx-outer"
title = "number with a number inside"
source = "made up"
engine = "weighted"
pattern = "[0-9]{4}"
alphabet = "0123456789"
weights = [1, 1, 1]
modulus = 10
checks = "0123456789"
parts = [{ first = 1, last = 3, scheme = "xx-member" }]
valid = ["1247"]
invalid = ["1248", "1236"]
"""


def test_a_scheme_may_hold_one_that_stands_above_it() -> None:
    schemes, faults = read_schemes(SCHEME + OUTER, "schemes.toml")
    assert faults == []
    assert schemes["xx-outer"].complete("120") == "1247"
    assert [fault.code for fault in read_schemes(OUTER + SCHEME, "schemes.toml")[1]] == ["scheme.invalid"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("[[scheme]]", "[[scheme]"), "scheme.unreadable"),
        (("[[scheme]]", "colour = 1\n[[scheme]]"), "scheme.unknown-key"),
        (('"weighted"', '"magic"'), "scheme.invalid"),
        (('"0123456789"\nvalid', '"012345678"\nvalid'), "scheme.invalid"),
        (('"[0-9]{3}"', '"["'), "scheme.invalid"),
        (("weights = [2, 1]", "weights = []"), "scheme.invalid"),
        (('engine = "weighted"', 'engine = "mod97"'), "scheme.invalid"),
        (("modulus = 10", "modulus = 10\nparts = [{first = 1, last = 2, scheme = 'xx-none'}]"), "scheme.invalid"),
        (('["124"]', '["123"]'), "scheme.example"),
        (('["125"]', '["124"]'), "scheme.example"),
        (('source = "made up"', ""), "scheme.invalid"),
    ],
)
def test_each_fault_is_told(change: tuple[str, str], code: str) -> None:
    text = SCHEME.replace(*change)
    assert text != SCHEME
    faults = read_schemes(text, "schemes.toml")[1]
    assert faults
    assert {fault.code for fault in faults} == {code}
    assert all(fault.file == "schemes.toml" for fault in faults)


def test_a_name_stands_once() -> None:
    assert [fault.row for fault in read_schemes(SCHEME + SCHEME, "schemes.toml")[1]] == ["xx-member"]
