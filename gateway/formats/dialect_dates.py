"""Dates of a dialect brought into the form that the formats have: a text with its formatCode.

Nothing is judged here: a text that is no date of the style is handed on as it is, and the validator names it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY, SECOND, SECOND_AND_ZONE = "102", "204", "304"
_FURTHEST_ZONE = 14 * 60

_XSD = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A date as the formats write it.

    Attributes:
        text: the date.
        code: its formatCode; empty where none can be told.
        precision_lost: a fraction of a second, or the zone of a day, was left out.
        moved_to_utc: the zone had minutes, which form 304 cannot say; the same instant is written in UTC.
    """

    text: str
    code: str
    precision_lost: bool = False
    moved_to_utc: bool = False


def from_xml_schema(text: str) -> Written | None:
    """An xs:date or xs:dateTime as 102, 204 or 304; None for any other text.

    Args:
        text: ``2026-03-16`` or ``2026-03-16T08:30:00``, with a fraction and a zone or without.
    """
    found = _XSD.fullmatch(text)
    if found is None or not _zone_exists(found["zone"] or "Z"):
        return None
    day, time, zone = found["day"].replace("-", ""), found["time"], found["zone"] or ""
    if time is None:
        return Written(day, DAY, precision_lost=bool(zone))
    moment = f"{day}{time.replace(':', '')}"
    lost = bool((found["fraction"] or "").strip("0"))
    if not zone:
        return Written(moment, SECOND, lost)
    if zone == "Z" or zone.endswith(":00"):
        return Written(f"{moment}{zone[:3]}", SECOND_AND_ZONE, lost)
    moved = _to_utc(moment, zone)
    return None if moved is None else Written(moved, SECOND_AND_ZONE, lost, moved_to_utc=True)


def unread(text: str) -> Written:
    """A text that is no xs:date or xs:dateTime, as it is.

    What may already be of a form with formatCode gets none: which one was meant is not guessed, and the missing
    formatCode is told. For any other text a formatCode is not what is wrong, so one is set and the text itself is told.
    """
    return Written(text, "" if text[:8].isdigit() else SECOND_AND_ZONE)


def _zone_exists(zone: str) -> bool:
    """Whether a zone lies within 14 hours of UTC, as XML Schema asks (part 2, 3.2.7.3)."""
    if zone == "Z":
        return True
    hours, minutes = int(zone[1:3]), int(zone[4:])
    return minutes < 60 and hours * 60 + minutes <= _FURTHEST_ZONE


def _to_utc(moment: str, zone: str) -> str | None:
    """The instant in UTC; None where the calendar does not know the moment."""
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    try:
        local = datetime.strptime(moment, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone is put in by hand
        moved = local + offset if zone[0] == "-" else local - offset
    except (ValueError, OverflowError):
        return None
    return f"{moved:%Y%m%d%H%M%S}Z" if moved.year >= 1000 else None
