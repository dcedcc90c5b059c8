"""A whole small world on this machine: one gateway and its partners, each a process of its own, real HTTP between them.

The demo, the acceptance tests and the load generator all start the same world.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from gateway.adapters.durability import Durability
from gateway.adapters.partner_channel import HttpAnswer, HttpLink
from gateway.adapters.partner_lists import KEY_LISTS
from gateway.adapters.transport import import_partner_certificates
from gateway.bootstrap import import_partner_keys
from gateway.client.side import make_side_certificate, make_side_keys, rotate_side_keys
from gateway.errors import DeliveryFailed, TemporaryFailure
from gateway.partner.profile import read_profile
from gateway.settings import Settings

SECONDS_TO_START = 60
SECONDS_TO_STOP = 15


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class World:
    """A gateway and simulated partners as processes.

    Args:
        root: folder that holds the data folders.
        state: folder for the state of all processes; made when missing, kept at the end.
        home: code of the gateway's administration.
        partners: codes of the partners to simulate.
        seed: given to every partner.
        settings: further ``SARHAD_*`` variables of the gateway, without the prefix.
        cache: folder of derived structures that all processes share; None for one in ``state``.
    """

    def __init__(
        self,
        root: Path,
        state: Path,
        *,
        home: str,
        partners: tuple[str, ...],
        seed: int = 1,
        settings: Mapping[str, str] | None = None,
        cache: Path | None = None,
    ) -> None:
        self._root = root
        self.state = state
        self._cache = str(cache or state / "cache")
        self._home = home
        self._partners = partners
        self._seed = seed
        self._settings = dict(settings or {})
        self._tls = any(self._shows_certificate(code) for code in partners)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._link = HttpLink(timeout=120.0, answer_limit=256 << 20)
        self.partner_port = free_port()
        self.internal_port = free_port()
        self.simulator_ports = {code: free_port() for code in partners}

    @property
    def gateway_url(self) -> str:
        """Base URL of the partner port."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.partner_port}"

    @property
    def internal_url(self) -> str:
        """Base URL of the internal port."""
        return f"http://127.0.0.1:{self.internal_port}"

    def simulator_url(self, partner: str) -> str:
        """Base URL of a simulated partner."""
        return f"http://127.0.0.1:{self.simulator_ports[partner]}"

    def __enter__(self) -> Self:
        try:
            self.set_up()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def set_up(self) -> None:
        """Make the partners' keys and hand their public halves to the gateway, as an operator would at onboarding."""
        # without the variables of this session, as the gateway is started
        gateway = Settings.model_construct(root=self._root, state_dir=self.state / "gateway")
        for code in self._partners:
            keys = self.state / code / "keys"
            import_partner_keys(gateway, code, make_side_keys(keys, code))
            import_partner_certificates(gateway, code, make_side_certificate(keys, code))

    def start(self) -> None:
        """Start the gateway, then the partners, and wait until all answer."""
        self.start_gateway()
        for code in self._partners:
            self.hand_over_keys(code)
            self._start(code, self._simulator_command(code), {})
        for code in self._partners:
            self._wait_for(code, f"{self.simulator_url(code)}/healthz")

    def start_gateway(self, settings: Mapping[str, str] | None = None) -> None:
        """Start the gateway alone and wait until it is ready.

        Args:
            settings: variables for this start only.
        """
        command = [sys.executable, "-m", "gateway", "run"]
        self._start("gateway", command, {**self._gateway_variables(), **_prefixed(settings or {})})
        self._wait_for("gateway", f"{self.internal_url}/readyz")

    def hand_over_keys(self, partner: str) -> None:
        """Hand the gateway's public key list to a partner, as operators do: a file that replaces the one before."""
        ours = (self.state / "gateway" / "keys" / "public.json").read_bytes()
        Durability().write_file(self.state / partner / "gateway-keys.json", ours)

    def rotate_gateway_keys(self, lead: timedelta) -> dict[str, datetime]:
        """Rotate the gateway's signing and encryption keys by the operator's command.

        Args:
            lead: how long the new keys are published before their first use.

        Returns:
            The first use of each new key, by its id.

        Raises:
            TemporaryFailure: the command ended with an error.
        """
        words = ("rotate", "--days", f"{lead / timedelta(days=1):.9f}", "--reason", "rehearsal", "--json")
        return _first_uses(self._keys_command(*words))

    def rotate_partner_keys(self, partner: str, lead: timedelta) -> dict[str, datetime]:
        """Let a partner rotate its keys, and import its new list by the operator's command; otherwise the same.

        Raises:
            TemporaryFailure: the command ended with an error.
        """
        before = KEY_LISTS.read_all([self.state / partner / "keys" / "public.json"], partner)
        content = rotate_side_keys(self.state / partner / "keys", partner, first_use=datetime.now(UTC) + lead)
        handed_over = self.state / partner / "new-keys.json"
        handed_over.write_bytes(content)
        lines = self._keys_command(partner, "--import", str(handed_over), "--json")
        known = {key.kid for key in before}
        return _first_uses([line for line in lines if line["kid"] not in known])

    def _keys_command(self, *words: str) -> list[dict[str, Any]]:
        done = self.command("partner", "keys", *words)
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace")[-2000:]
            raise TemporaryFailure("a command about keys failed", remedy=said, code="world.keys")
        return [orjson.loads(line) for line in done.stdout.splitlines()]

    def stop(self) -> None:
        """Stop every process; one that does not stop is killed."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
        self._link.close()

    def get(self, path: str) -> Any:
        """JSON from the internal port.

        Raises:
            TemporaryFailure: the answer is no success.
        """
        answer = self._link.request("GET", f"{self.internal_url}{path}")
        if answer.status >= 400:
            raise TemporaryFailure(f"the internal port answered {answer.status} for {path}")
        return orjson.loads(answer.body)

    def lodge(self, data: bytes, partner: str, message_type: str, purpose: str, media_type: str) -> HttpAnswer:
        """Lodge a message of our own side."""
        query = f"partner={partner}&type={message_type}&purpose={purpose}"
        url = f"{self.internal_url}/internal/v1/lodgements?{query}"
        return self._link.request("POST", url, content=data, headers={"Content-Type": media_type})

    def ask_partner(self, partner: str, path: str, *, method: str = "POST") -> Any:
        """Call a control of a simulated partner; JSON of its answer."""
        answer = self._link.request(method, f"{self.simulator_url(partner)}{path}")
        if answer.status >= 400:
            raise TemporaryFailure(f"the simulated partner answered {answer.status}: {answer.body[:300]!r}")
        return orjson.loads(answer.body)

    def ask_partner_bytes(self, partner: str, path: str) -> bytes:
        """Bytes that a simulated partner gives out."""
        return self._link.request("GET", f"{self.simulator_url(partner)}{path}").body

    def wait_until_final(self, exchange_id: str, seconds: float = 60.0) -> None:
        """Wait until one exchange has come to its end.

        Raises:
            TemporaryFailure: it has not in time.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.get(f"/internal/v1/exchanges/{exchange_id}")["final"]:
                return
            time.sleep(0.1)
        raise TemporaryFailure("the exchange did not come to its end in time", code="world.not-final")

    def verify_log(self) -> dict[str, Any]:
        """What the operator's command says of the gateway's log."""
        answer = self.command("audit", "verify", "--json")
        found: dict[str, Any] = orjson.loads(answer.stdout)
        return found

    def command(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run the command line against the gateway's state."""
        return subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "gateway", *words],
            cwd=self._root,
            env=_clean_environment() | self._gateway_variables(),
            capture_output=True,
            check=False,
        )

    def log_file(self, name: str) -> Path:
        """Where a process writes what it says."""
        return self.state / f"{name}.log"

    def _gateway_variables(self) -> dict[str, str]:
        endpoints = {code: self.simulator_url(code) for code in self._partners}
        settings = {
            "root": str(self._root),
            "state_dir": str(self.state / "gateway"),
            "cache_dir": self._cache,
            "home": self._home,
            "partner_port": str(self.partner_port),
            "internal_port": str(self.internal_port),
            "partner_endpoints": orjson.dumps(endpoints).decode(),
            "tls": "1.3" if self._tls else "off",
            **self._settings,
        }
        return _prefixed(settings)

    def _shows_certificate(self, code: str) -> bool:
        """Whether a partner's profile asks for a client certificate; then the partner port serves TLS."""
        file = self._root / "partners" / code / "profile.toml"
        profile, _ = read_profile(file.read_text(encoding="utf-8"), code=code, file=file.name)
        return profile is not None and profile.security.shows_certificate

    def _simulator_command(self, code: str) -> list[str]:
        own = self.state / "gateway" / "keys"
        options = {
            "--partner": code,
            "--home": self._home,
            "--keys": str(self.state / code / "keys"),
            "--gateway-keys": str(self.state / code / "gateway-keys.json"),
            **({"--gateway-certificates": str(own / "tls.json")} if self._tls else {}),
            "--gateway": self.gateway_url,
            "--root": str(self._root),
            "--cache": self._cache,
            "--port": str(self.simulator_ports[code]),
            "--seed": str(self._seed),
        }
        return [sys.executable, "-m", "gateway.simulator", *(word for pair in options.items() for word in pair)]

    def _start(self, name: str, command: list[str], variables: Mapping[str, str]) -> None:
        with self.log_file(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command, cwd=self._root, env=_clean_environment() | dict(variables), stdout=log, stderr=log
            )

    def _wait_for(self, name: str, url: str) -> None:
        process = self._processes[name]
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            if process.poll() is not None:
                break
            try:
                if self._link.request("GET", url).status == 200:
                    return
            except DeliveryFailed:
                time.sleep(0.05)
        said = self.log_file(name).read_text(encoding="utf-8", errors="replace")[-2000:]
        raise TemporaryFailure(f"the process {name} did not start", remedy=said, code="world.not-started")


def _first_uses(lines: list[dict[str, Any]]) -> dict[str, datetime]:
    """When each listed key becomes active, by its id."""
    return {
        line["kid"]: datetime.fromisoformat(since)
        for line in lines
        for state, since in line["states"]
        if state == "active"
    }


def _clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("SARHAD_")}


def _prefixed(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"SARHAD_{name.upper()}": value for name, value in settings.items()}
