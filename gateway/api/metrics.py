"""The gauges of the gateway in the text form that Prometheus reads (exposition format 0.0.4).

Labels are codes of parties, ids of keys, uses and states; never a value of a message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.pipeline.upkeep import Figures
from gateway.security.expiry import WARNED_DAYS, Expiry
from gateway.security.lifecycle import KeyState

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_IN_LABELS = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Gauge:
    """One gauge.

    Attributes:
        name: in full.
        sentence: what it measures.
        samples: value by labels.
    """

    name: str
    sentence: str
    samples: tuple[tuple[Mapping[str, str], float], ...] = field(default=())


def render(gauges: Iterable[Gauge]) -> str:
    """Gauges as text; one without samples shows its head only."""
    lines: list[str] = []
    for gauge in gauges:
        lines += [f"# HELP {gauge.name} {gauge.sentence}", f"# TYPE {gauge.name} gauge"]
        lines += [f"{gauge.name}{_labels(labels)} {_number(value)}" for labels, value in gauge.samples]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def gauges_of(figures: Figures) -> Iterator[Gauge]:
    """All gauges of one reading."""
    for kind in ("key", "certificate"):
        yield _days_left(kind, figures)
    yield Gauge(
        "sarhad_expires_within",
        "Active keys and certificates whose use ends within so many days; those that have ended are counted too.",
        tuple(({"days": str(days)}, _within(figures, days)) for days in WARNED_DAYS),
    )
    yield _states(figures.expiries)
    plain = (
        ("sarhad_outbox_due", "Examinations and deliveries that are due or wait for their next try.", figures.due),
        ("sarhad_dead_letters", "Messages that wait for a person.", figures.dead_letters),
        ("sarhad_log_size", "Entries of the audit log.", figures.log_size),
        ("sarhad_list_faults", "Changed key lists that could not be taken up.", figures.list_faults),
    )
    for name, sentence, value in plain:
        yield Gauge(name, sentence, (({}, value),))


def _days_left(kind: str, figures: Figures) -> Gauge:
    samples = []
    for one in figures.expiries:
        left = one.days_left(figures.at)
        if one.kind == kind and left is not None and one.state is KeyState.ACTIVE:
            samples.append(({"owner": one.owner, "kid": one.name, "use": one.use}, left))
    sentence = (
        f"Days until the use of an active {kind} ends; for a key of ours without an end, until it is due to rotate."
    )
    return Gauge(f"sarhad_{kind}_days_left", sentence, tuple(samples))


def _within(figures: Figures, days: int) -> int:
    reached = (one.warned_at(figures.at) for one in figures.expiries)
    return sum(1 for found in reached if found is not None and found <= days)


def _states(expiries: Iterable[Expiry]) -> Gauge:
    counts = Counter((one.owner, one.use, one.state.value) for one in expiries)
    samples = tuple(
        ({"owner": owner, "use": use, "state": state}, count) for (owner, use, state), count in sorted(counts.items())
    )
    return Gauge("sarhad_keys", "Keys and certificates by owner, use and state.", samples)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(_IN_LABELS)}"' for name, value in labels.items()) + "}"
