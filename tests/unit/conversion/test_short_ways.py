"""Dates of digits and plain numbers take a short way through their verbs; it must say what the long way says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.dates import format_moment, parse_form, parse_moment
from gateway.codes.numbers import parse_decimal
from gateway.conversion.arguments import DateArgument
from gateway.conversion.run import Problem
from gateway.conversion.verbs.dates import date_back, date_forward
from gateway.conversion.verbs.numbers import as_it_stands, written
from gateway.formats.structure import SimpleType

DIGITS = st.one_of(
    st.datetimes().map(lambda moment: moment.strftime("%Y%m%d%H%M%S")),
    st.dates().map(lambda day: day.strftime("%Y%m%d")),
    st.text(alphabet="0123456789", min_size=7, max_size=18),
    st.sampled_from(["20260231", "20260316101160", "２０２６０３１６", "20260316101112345", "20260316101112000"]),
)


@given(DIGITS, st.sampled_from(["compact +08:00", "compact -03:00", "compact", "compact Z", "compact +05:30"]))
def test_the_short_way_of_dates_says_what_the_long_way_says(text: str, form_: str) -> None:
    for wco in ("102 or 304", "304", "102"):
        source, target = parse_form(form_), parse_form(wco)
        moment = parse_moment(text, source)
        long = None if moment is None else format_moment(moment, target)
        short = date_forward(DateArgument(form_, wco))(text, "")
        assert short == ((long.text, long.form, long.loss) if long is not None else short)
        assert isinstance(short, Problem) is (long is None)
        if isinstance(short, Problem):
            continue
        back = date_back(DateArgument(form_, wco))(short[0], short[1])
        again = parse_moment(short[0], short[1])
        assert again is not None
        told = format_moment(again, source)
        assert told is not None
        assert back == (told.text, told.form, told.loss)


@given(st.text(alphabet="0123456789.-+e ", max_size=14) | st.decimals(0, 10**9, places=4, allow_nan=False).map(str))
def test_the_short_way_of_numbers_says_what_the_long_way_says(text: str) -> None:
    kind = SimpleType(base="decimal", total_digits=8, fraction_digits=3, max_length=9)
    for digits in (None, 2, 3):
        value = parse_decimal(text)
        plainly = as_it_stands(digits, kind)(text)
        if plainly is not None:
            assert value is not None
            assert written(value, digits, "half-even", kind) == (plainly, "none")
