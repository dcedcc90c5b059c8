"""Ctrl-C while the program loads, and after it."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.cli.interrupts import ended_at_once

SWALLOWED = """
import signal
from gateway.cli.interrupts import ended_at_once
with ended_at_once():
    try:
        signal.raise_signal(signal.SIGINT)
    except BaseException:
        print("swallowed")
print("went on")
"""


def test_no_code_can_swallow_it_and_no_word_is_said() -> None:
    ended = subprocess.run([sys.executable, "-c", SWALLOWED], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")


def test_afterwards_it_is_what_it_was_whatever_happened() -> None:
    before = signal.getsignal(signal.SIGINT)
    with ended_at_once():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(ZeroDivisionError), ended_at_once():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_change_nothing() -> None:
    def within() -> object:
        with ended_at_once():
            return signal.getsignal(signal.SIGINT)

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(within).result() is signal.getsignal(signal.SIGINT)
