"""Commands that work on a gateway's state: which settings they take, and how they get the gateway."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.bootstrap import build_gateway
from gateway.cli.logs import log_to_stderr
from gateway.cli.places import data_root
from gateway.pipeline.facade import Gateway
from gateway.settings import Settings, load_settings

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="TOML file of settings; SARHAD_* variables win over it."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it goes into the log.")]
Operator = Annotated[
    str | None, typer.Option("--operator", metavar="NAME", help="Who; the user of this session if left out.")
]


def settings_from(file: Path | None, **overrides: Any) -> Settings:
    """The settings, with the data folders found as for every other command where none are set.

    Args:
        file: TOML file of settings.
        overrides: single settings that win over file and environment.

    Raises:
        DataFolderError: the settings hold faults.
    """
    chosen = load_settings(file, **overrides)
    if "root" in chosen.model_fields_set:
        return chosen
    return load_settings(file, root=data_root(), **overrides)


def open_gateway(file: Path | None) -> Gateway:
    """The gateway over the state that the settings name; to be closed by the one who asked.

    Raises:
        DataFolderError: it was never set up, or the data folders hold faults.
        LogDamaged: the log does not match its last checkpoint.
    """
    log_to_stderr()
    return build_gateway(settings_from(file))


def operator_name(given: str | None) -> str:
    """Who acts, for the log."""
    if given:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
