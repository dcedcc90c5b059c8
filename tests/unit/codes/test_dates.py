from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.dates import FormSyntaxError, Moment, Precision, format_moment, parse_form, parse_moment

NOON = Moment(day=date(2026, 3, 16), clock=time(12, 5, 9), offset=timedelta(hours=8), precision=Precision.SECOND)
DAY = Moment(day=date(2026, 3, 16))


@pytest.mark.parametrize(
    ("text", "form", "precision"),
    [
        ("20260316", "102", Precision.DAY),
        ("202603161205", "203", Precision.MINUTE),
        ("20260316120509", "204", Precision.SECOND),
        ("20260316120509Z", "304", Precision.SECOND),
        ("20260316120509-05", "304", Precision.SECOND),
        ("20260316", "compact", Precision.DAY),
        ("202603161205", "compact", Precision.MINUTE),
        ("20260316120509", "compact", Precision.SECOND),
        ("20260316120509123", "compact", Precision.FRACTION),
        ("2026-03-16", "iso", Precision.DAY),
        ("2026-03-16T12:05", "iso", Precision.MINUTE),
        ("2026-03-16T12:05:09", "iso", Precision.SECOND),
        ("2026-03-16T12:05:09.120+05:00", "iso", Precision.FRACTION),
        ("16.03.2026", "DD.MM.YYYY", Precision.DAY),
        ("3/16/26", "M/D/YY of 20", Precision.DAY),
        ("16-03-2026 12:05", "DD-MM-YYYY", None),
        ("2026", "YYYY", Precision.YEAR),
        ("03/2026", "MM/YYYY", Precision.MONTH),
        ("16.03.2026T12:05:09", "DD.MM.YYYYThh:mm:ss", Precision.SECOND),
    ],
)
def test_each_form_keeps_the_precision_of_its_text(text: str, form: str, precision: Precision | None) -> None:
    moment = parse_moment(text, form)
    assert (moment.precision if moment else None) == precision
    if moment is not None:
        assert moment.day.year == 2026
        written = format_moment(moment, form)
        assert written is not None
        assert written.loss == "none"
        # A minute is written with its second 00 where the form always has seconds.
        assert written.text in {text, f"{text}:00"}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("20260229", "102"),
        ("20261301", "102"),
        ("20260100", "102"),
        ("20260016", "102"),
        ("20260100121911+03", "304"),
        ("00.03.2026", "DD.MM.YYYY"),
        ("20260316246000", "204"),
        ("20260316120560", "204"),
        ("20260316120509+15", "304"),
        ("20260316120509", "304"),
        ("2026-03-16T24:00:00", "iso"),
        ("2026-3-16", "iso"),
        ("2026031612", "compact"),
        ("20260316 ", "compact"),
        ("٢٠٢٦٠٣١٦", "102"),
        ("00000101", "102"),
        ("", "iso"),
        ("2/30/26", "M/D/YY of 20"),
    ],
)
def test_dates_that_do_not_exist_or_look_otherwise_are_refused(text: str, form: str) -> None:
    assert parse_moment(text, form) is None


def test_the_zone_of_the_form_is_that_of_texts_without_one() -> None:
    moment = parse_moment("20260316120509", "compact +08:00")
    assert moment == NOON
    named = parse_moment("2026-03-16T12:05:09+05:00", "iso +08:00")
    assert named is not None
    assert named.offset == timedelta(hours=5)
    day = parse_moment("20260316", "compact +08:00")
    assert day is not None
    assert day.offset is None


def test_a_day_stays_a_day() -> None:
    written = format_moment(DAY, "102 or 304")
    assert written is not None
    assert (written.text, written.form, written.loss) == ("20260316", "102", "none")
    assert format_moment(DAY, "304") is None
    assert format_moment(DAY, "204") is None


def test_a_time_takes_the_alternative_that_keeps_it() -> None:
    written = format_moment(NOON, "102 or 304")
    assert written is not None
    assert (written.text, written.form, written.loss) == ("20260316120509+08", "304", "none")


def test_a_time_without_known_zone_cannot_name_one() -> None:
    naive = Moment(day=date(2026, 3, 16), clock=time(12, 5, 9), precision=Precision.SECOND)
    assert format_moment(naive, "304") is None
    written = format_moment(naive, "304 +05:00")
    assert written is not None
    assert written.text == "20260316120509+05"


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (timedelta(hours=3, minutes=30), "20260316083509Z"),
        (timedelta(hours=-3, minutes=-30), "20260316153509Z"),
        (timedelta(0), "20260316120509Z"),
        (timedelta(hours=-8), "20260316120509-08"),
    ],
)
def test_304_names_whole_hours_and_everything_else_as_utc(offset: timedelta, text: str) -> None:
    moment = Moment(day=NOON.day, clock=NOON.clock, offset=offset, precision=Precision.SECOND)
    written = format_moment(moment, "304")
    assert written is not None
    assert (written.text, written.loss) == (text, "none")


@pytest.mark.parametrize(
    ("text", "source", "target", "wanted", "loss"),
    [
        ("20260316120509123", "compact +08:00", "304", "20260316120509+08", "rounded"),
        ("20260316120509000", "compact +08:00", "304", "20260316120509+08", "none"),
        ("20260316120509", "204", "203", "202603161205", "rounded"),
        ("20260316120500", "204", "203", "202603161205", "none"),
        ("20260316120509", "204", "102", "20260316", "coarser"),
        ("20260316", "102", "YYYY", "2026", "coarser"),
        ("2026-03-16T23:30:00Z", "iso", "compact +08:00", "20260317073000", "none"),
        ("2026-03-16T12:05:09.123456Z", "iso", "compact", "20260316120509123", "rounded"),
        ("20260316120509+08", "304", "iso +05:00", "2026-03-16T09:05:09", "none"),
        ("20260316120509+08", "304", "iso", "2026-03-16T12:05:09+08:00", "none"),
        ("16.03.2026", "DD.MM.YYYY", "M/D/YY of 20", "3/16/26", "none"),
        ("202603161205", "203", "204", "20260316120500", "none"),
        ("2026-03-16T12:05:09-03:30", "iso", "iso", "2026-03-16T12:05:09-03:30", "none"),
    ],
)
def test_what_is_lost_between_two_forms(text: str, source: str, target: str, wanted: str, loss: str) -> None:
    moment = parse_moment(text, source)
    assert moment is not None
    written = format_moment(moment, target)
    assert written is not None
    assert (written.text, written.loss) == (wanted, loss)


def test_a_day_beyond_the_calendar_is_no_text_and_no_crash() -> None:
    edge = Moment(day=date(9999, 12, 31), clock=time(23), offset=timedelta(0), precision=Precision.SECOND)
    assert format_moment(edge, "compact +08:00") is None


@pytest.mark.parametrize(
    "form", ["", "101x", "DD.YYYY", "M/D/YY", "102 +8", "102 martian", "hh:mm", "YYYYMMDDhh", "DD.DD.YYYY", "102 or"]
)
def test_an_unknown_form_is_told(form: str) -> None:
    with pytest.raises(FormSyntaxError) as caught:
        parse_form(form)
    assert caught.value.stable_code == "codes.date-form"


def test_an_unknown_calendar_is_told() -> None:
    with pytest.raises(FormSyntaxError):
        parse_moment("20260316", "102", calendar="martian")
    with pytest.raises(FormSyntaxError):
        format_moment(DAY, "102", calendar="martian")


def test_a_form_tells_how_fine_and_coarse_it_is() -> None:
    assert parse_form("102 or 304").coarsest == Precision.DAY
    assert parse_form("102 or 304").finest == Precision.SECOND
    assert parse_form("compact +08:00").zone == timedelta(hours=8)


def test_the_instant_of_a_moment() -> None:
    instant = NOON.instant()
    assert instant is not None
    assert instant.isoformat() == "2026-03-16T12:05:09+08:00"
    assert DAY.instant() is None


_OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)), _OFFSETS)  # noqa: DTZ001 - the offset is beside it
def test_the_instant_survives_every_form_that_holds_seconds(when: datetime, offset: timedelta) -> None:
    clock = when.time().replace(microsecond=0)
    moment = Moment(day=when.date(), clock=clock, offset=offset, precision=Precision.SECOND)
    for form in ("304", "iso", "compact +08:00", "204 +03:30", "DD.MM.YYYYThh:mm:ss -05:00", "102 or 304"):
        written = format_moment(moment, form)
        assert written is not None
        assert written.loss == "none"
        again = parse_moment(written.text, form)
        assert again is not None
        assert again.instant() == moment.instant()


@given(st.text(max_size=25), st.sampled_from(["102", "304", "iso", "compact", "DD.MM.YYYY", "M/D/YY of 20"]))
def test_no_text_raises(text: str, form: str) -> None:
    moment = parse_moment(text, form)
    assert moment is None or format_moment(moment, form) is not None
