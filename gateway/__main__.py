"""``python -m gateway`` is the command ``sarhad``."""

from gateway.cli.main import run

run()
