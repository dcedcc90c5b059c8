"""The gauges as Prometheus reads them."""

from __future__ import annotations

from dataclasses import replace

from gateway.api.metrics import Gauge, gauges_of, render
from gateway.security.expiry import Expiry
from gateway.security.lifecycle import KeyState
from tests.world.setting import World


def test_the_text_is_what_prometheus_reads(world: World) -> None:
    figures = world.gateway.upkeep.figures()
    lines = render(gauges_of(figures)).splitlines()
    names = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert names >= {
        "sarhad_key_days_left",
        "sarhad_certificate_days_left",
        "sarhad_expires_within",
        "sarhad_keys",
        "sarhad_outbox_due",
        "sarhad_dead_letters",
        "sarhad_log_size",
    }
    assert 'sarhad_expires_within{days="90"} 0' in lines
    assert 'sarhad_keys{owner="xx",use="enc",state="active"} 1' in lines
    assert f"sarhad_log_size {figures.log_size}" in lines
    samples = [line for line in lines if not line.startswith("#")]
    assert all(len(line.rsplit(" ", 1)) == 2 and float(line.rsplit(" ", 1)[1]) >= 0 for line in samples)


def test_a_label_cannot_break_out_of_its_line() -> None:
    text = render([Gauge("g", "A gauge.", (({"kid": 'a"b\\c\nd'}, 1),))])
    assert text.splitlines()[-1] == 'g{kid="a\\"b\\\\c\\nd"} 1'


def test_only_what_is_in_use_counts_as_ending(world: World) -> None:
    figures = world.gateway.upkeep.figures()
    for state, counted in ((KeyState.ACTIVE, 1), (KeyState.RETIRING, 0), (KeyState.RETIRED, 0)):
        one = Expiry(kind="key", owner="xx", name="k", use="sig", state=state, ends=figures.at)
        gauges = {gauge.name: gauge for gauge in gauges_of(replace(figures, expiries=(one,)))}
        within = {labels["days"]: value for labels, value in gauges["sarhad_expires_within"].samples}
        assert within == dict.fromkeys(("90", "30", "7", "1"), counted)
