"""What the vectors against the whole validation share: formats, rules, and one sound message in both syntaxes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.catalogue import Judging, load_judging
from gateway.validation.verdict import Verdict, verdict

Judge = Callable[[bytes], Verdict]


@pytest.fixture(name="judging", scope="session")
def judging_fixture(project_root: Path, derived: Path) -> Judging:
    return load_judging(project_root, cache=derived)


@pytest.fixture(name="judge", scope="session")
def judge_fixture(judging: Judging) -> Judge:
    return lambda data: verdict(judging.formats, data, rules=judging.rules)


@pytest.fixture(name="sound", scope="session")
def sound_fixture(judge: Judge) -> bytes:
    """A response of the DMS 3.6 profile; the vectors change one thing in it."""
    data = (Path(__file__).parent / "response.xml").read_bytes()
    assert judge(data).findings == ()
    return data


@pytest.fixture(name="sound_json", scope="session")
def sound_json_fixture(judge: Judge, sound: bytes) -> bytes:
    """The same response in its JSON form, without blanks."""
    judged = judge(sound)
    assert judged.found is not None
    assert judged.tree is not None
    data = judged.found.to_json(judged.tree)
    assert judge(data).findings == ()
    return data
