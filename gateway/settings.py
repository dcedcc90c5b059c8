"""What the operator sets: read once, frozen, refused when unsafe.

Three places, the later one wins: a TOML file, ``SARHAD_*`` environment variables, arguments of `load_settings`. Every
limit is a named field with a default and a sentence, so that nothing depends on a number hidden in the code.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.errors import DataFolderError

FILE_VARIABLE = "SARHAD_SETTINGS"
"""Environment variable that names the TOML file."""

KIB = 1024
MIB = 1024 * KIB
MOST_PORT = 65535
SANDBOX_PORT_STEP = 100
"""How far the ports of the sandbox are from those that are set."""
SANDBOX_REFUSALS = 10_000
"""A run of the conformance kit is refused some eighty times on purpose; a sandbox bears many before it throttles."""


class Settings(BaseSettings):
    """Everything that may be set. Times are in seconds, sizes in bytes.

    Attributes:
        root: folder that holds the four data folders ``wco_schemas``, ``mappings``, ``agreements``, ``partners``.
        state_dir: folder of the database, large bodies and keys; readable by its owner only.
        database_url: SQLAlchemy address of the database; empty means SQLite in ``state_dir``.
        cache_dir: derived structures of formats; empty means ``state_dir/cache``.
        home: code of the administration that runs this gateway, as agreements name it; empty means the one that all
            agreements share.
        log_origin: first line of every checkpoint: the name of this log, unique in the world.
        partner_host, partner_port: where the partner port listens. Beyond loopback only with ``tls``, and when every
            partner's profile asks for a client certificate.
        public_base_url: address under which partners reach the partner port, as they sign it; empty means where it
            listens. What a request says in ``Host`` is not looked at.
        http_signature_validity: longest time from created to expires of an HTTP signature.
        http_clock_skew: how far the clocks of both sides may differ where HTTP signatures are judged.
        api_audience: name of our API in access tokens; empty means the public address with ``/v1`` behind it.
        tls: oldest version of TLS that the partner port takes, ``1.3`` or ``1.2``, every caller with a certificate;
            ``off`` on loopback and behind a proxy that ends TLS.
        tls_certificate_file, tls_key_file: PEM files of our certificate with its chain and of its private key, when an
            authority has issued it; without them the self-signed one that set-up has made.
        tls_authorities_file: PEM file of authorities whose certificates partners use; each leaf is registered too.
        trusted_proxies: addresses or networks of the proxies that end TLS and send ``Client-Cert`` (RFC 9440).
        internal_host, internal_port: where the internal port and the console listen.
        partner_endpoints: base URL by partner code; wins over the partner's profile (tests, demo, migration).
        key_passphrase_file: file with the passphrase of the private keys; empty means ``state_dir/keys/passphrase``,
            made at set-up.
        key_store: where the private keys lie that sign messages, HTTP and tokens and open envelopes: ``files``, or
            ``pkcs11`` for a token of a hardware module. The key of the log and the wrapping key of bodies are files.
        pkcs11_module, pkcs11_token, pkcs11_pin_file: shared library of the module's maker, label of the token, and a
            file with the PIN of its user that nobody else may read.
        registrar_public_file: PEM file of the Ed25519 key that judges the rows of the partners' lists; empty means a
            pair made at set-up in ``state_dir/registrar``. In production the private half is kept elsewhere.
        registrar_key_file: PEM file of the private half, where it is at hand and imports are to be signed with it.
        registrar_passphrase_file: file with the passphrase of ``registrar_key_file``; empty for a key without one.
        data_registrar_public_file: the same for the lists in the data folders, where another registrar signs these;
            a sandbox takes the one of the live gateway, for they share these folders.
        key_watch_seconds: how often a running gateway looks whether a list of keys, ours or a partner's, has changed.
        key_lead_days: how long a new key of ours is published before its first use, at least.
        key_overlap_days: how long a key that was replaced is still taken, beyond the time that a message may be under
            way.
        key_life_days: age at which a key of ours counts as due for rotation in the metrics; it serves on all the same.
        worker: name of this process among those that share a database; it takes back its own leases after a crash.
        message_limit: largest content of a message; its sealed form may be 16/9 as long, for base64 is applied twice.
        body_seconds: how long the body of a request may take to arrive.
        body_grace: how long a body may begin slowly.
        body_rate: bytes that a body has to bring in each second after that, on the average.
        header_seconds: how long a handshake of TLS may take, and then the head of a request, from the first byte or
            the connection on.
        header_bytes: largest head of a request.
        header_count: most header lines in it.
        reading_seconds: how long a caller may leave an answer unread before its connection is cut off.
        keepalive_seconds: how long a connection without a request stays open.
        connections: most connections of a port at once.
        connections_per_address: most of one address among them; a trusted proxy counts as no address.
        requests_at_once: most requests of the partner port at once.
        caller_requests: most of one certificate, or of one address without one, among them, whatever they ask for.
        partner_requests: most of one partner among them, once it is known who calls.
        threads: most threads of one process that work on requests.
        failed_attempts: most requests from one address in ``failed_window`` that are refused before anybody is proved
            to have sent them; further ones get a short answer and no log entry of their own.
        failed_window: time in which these are counted.
        failures_remembered: most addresses and kinds of refusals that are remembered at once.
        misbehaviour_limit: most requests of a partner in ``misbehaviour_window`` that are refused for reasons of
            security; with one more it is not served for ``misbehaviour_pause``.
        misbehaviour_window: time in which these are counted.
        misbehaviour_pause: how long a partner is not served then.
        refusal_log_seconds: how long refusals of one kind are counted instead of written to the log one by one.
        body_inline_limit: largest body that lives in the database transaction; a larger one becomes a file.
        examine_seconds, dispatch_seconds: pause between looks for due work when nothing wakes the worker.
        examine_attempts: tries of an examination that ends in a temporary fault, before quarantine.
        lease_seconds: how long a worker owns a lane without a sign of life; three times ``channel_timeout``.
        lane_batch: most items of one lane that are served before another lane has its turn.
        channel_timeout: longest wait for the next bytes of a partner's answer.
        call_seconds: how long a whole call to a partner may take, from looking its name up to the last byte.
        outbound_networks: private networks that partners' endpoints may lie in, such as a leased line's
            ``10.20.0.0/16``; calls go to public addresses and to these only.
        answer_limit: most bytes of a partner's answer that are read.
        examine_pause: a lane whose examination failed for the moment waits a random time up to this, doubled each time.
        retry_after_cap: longest pause that a partner may ask for. How often and how long delivery is tried stands in
            the partner's profile.
        inline_answer_seconds: how long the answer to a partner waits for the acknowledgement, to send it along.
        mailbox_page: most entries that one look into a mailbox shows.
        receipt_limit: largest body of a request with which a partner hands in a receipt for a collected message.
        checkpoint_seconds: pause between signed checkpoints while the log grows.
        busy_seconds: how long a transaction waits for the database's lock.
        feed: name of the feed that accepted messages go to.
        page_limit: most rows that one listing or feed page returns.
        realm: ``live``, or ``sandbox`` for partners that test their side: keys, state, log and ports of its own, and
            nothing reaches a live feed or partner. See `Settings.in_sandbox`.
        sandbox_endpoints: base URL of a partner's test system by partner code; to others a sandbox delivers nothing.
        sandbox_public_base_url: address of the sandbox's partner port, where it differs from where it listens.
        sandbox_database_url: database of the sandbox; empty means SQLite in its own state folder.
        live_gate: whether only partners that went live are served; ``auto``: where others than this machine reach the
            partner port, by its own address or through a proxy.
        live_gate_seconds: pause between looks whether a partner that messages wait for has gone live.
        live_report_days: how old the report of a conformance run may be with which a partner goes live.
        kill_at: for tests only: name of a gate, or ``name:n`` for its n-th passing, at which this process kills
            itself.
    """

    model_config = SettingsConfigDict(env_prefix="SARHAD_", frozen=True, extra="forbid", env_ignore_empty=True)

    root: Path = Path()
    state_dir: Path = Path(".sarhad")
    database_url: str = ""
    cache_dir: Path | None = None
    home: str = Field(default="", pattern=r"^([a-z]{2})?$")
    log_origin: str = Field(default="sarhad.invalid/log", pattern=r"^[!-~]+$")
    partner_host: str = "127.0.0.1"
    partner_port: int = Field(default=8461, ge=0, le=65535)
    public_base_url: str = ""
    http_signature_validity: int = Field(default=300, ge=1, le=300)
    http_clock_skew: int = Field(default=60, ge=0, le=300)
    api_audience: str = Field(default="", pattern=r"^[!-~]*$")
    tls: Literal["off", "1.2", "1.3"] = "off"
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    tls_authorities_file: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    internal_host: str = "127.0.0.1"
    internal_port: int = Field(default=8462, ge=0, le=65535)
    partner_endpoints: dict[str, str] = Field(default_factory=dict)
    key_passphrase_file: Path | None = None
    key_store: Literal["files", "pkcs11"] = "files"
    pkcs11_module: Path | None = None
    pkcs11_token: str = ""
    pkcs11_pin_file: Path | None = None
    registrar_public_file: Path | None = None
    registrar_key_file: Path | None = None
    registrar_passphrase_file: Path | None = None
    data_registrar_public_file: Path | None = None
    key_watch_seconds: float = Field(default=2.0, gt=0)
    key_lead_days: float = Field(default=7.0, ge=0)
    key_overlap_days: float = Field(default=7.0, ge=0)
    key_life_days: float = Field(default=730.0, gt=0)
    worker: str = Field(default="one", pattern=r"^[a-z0-9-]{1,32}$")
    message_limit: int = Field(default=16 * MIB, ge=KIB)
    body_seconds: float = Field(default=120.0, gt=0)
    body_grace: float = Field(default=5.0, gt=0)
    body_rate: int = Field(default=1 * KIB, ge=1)
    header_seconds: float = Field(default=10.0, gt=0)
    header_bytes: int = Field(default=32 * KIB, ge=4 * KIB)
    header_count: int = Field(default=64, ge=16)
    reading_seconds: float = Field(default=30.0, gt=0)
    keepalive_seconds: int = Field(default=5, ge=1)
    connections: int = Field(default=1000, ge=1)
    connections_per_address: int = Field(default=200, ge=1)
    requests_at_once: int = Field(default=200, ge=1)
    caller_requests: int = Field(default=50, ge=1)
    partner_requests: int = Field(default=20, ge=1)
    threads: int = Field(default=40, ge=4, le=50)
    failed_attempts: int = Field(default=1000, ge=1)
    failed_window: float = Field(default=60.0, gt=0)
    failures_remembered: int = Field(default=10_000, ge=1)
    misbehaviour_limit: int = Field(default=500, ge=1)
    misbehaviour_window: float = Field(default=600.0, gt=0)
    misbehaviour_pause: float = Field(default=900.0, gt=0)
    refusal_log_seconds: float = Field(default=60.0, gt=0)
    body_inline_limit: int = Field(default=256 * KIB, ge=0)
    examine_seconds: float = Field(default=1.0, gt=0)
    dispatch_seconds: float = Field(default=1.0, gt=0)
    examine_attempts: int = Field(default=5, ge=1)
    lease_seconds: float = Field(default=30.0, gt=0)
    lane_batch: int = Field(default=20, ge=1)
    channel_timeout: float = Field(default=10.0, gt=0)
    call_seconds: float = Field(default=20.0, gt=0)
    outbound_networks: tuple[str, ...] = ()
    answer_limit: int = Field(default=1 * MIB, ge=KIB)
    examine_pause: float = Field(default=1.0, gt=0)
    retry_after_cap: float = Field(default=3600.0, gt=0)
    inline_answer_seconds: float = Field(default=0.5, ge=0)
    mailbox_page: int = Field(default=50, ge=1, le=1000)
    receipt_limit: int = Field(default=64 * KIB, ge=KIB)
    checkpoint_seconds: float = Field(default=30.0, gt=0)
    busy_seconds: float = Field(default=30.0, gt=0)
    feed: str = Field(default="rms", pattern=r"^[a-z][a-z0-9-]{0,31}$")
    page_limit: int = Field(default=1000, ge=1)
    realm: Literal["live", "sandbox"] = "live"
    sandbox_endpoints: dict[str, str] = Field(default_factory=dict)
    sandbox_public_base_url: str = ""
    sandbox_database_url: str = ""
    live_gate: Literal["auto", "on", "off"] = "auto"
    live_gate_seconds: float = Field(default=30.0, gt=0)
    live_report_days: int = Field(default=90, ge=1)
    kill_at: str = ""

    @field_validator("partner_host")
    @classmethod
    def _address_only(cls, host: str) -> str:
        if host != "localhost":
            ipaddress.ip_address(host)
        return host

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            if ipaddress.ip_network(proxy).prefixlen == 0:
                raise ValueError("a proxy has an address or a network, not the whole world")
        return proxies

    @field_validator("outbound_networks")
    @classmethod
    def _private_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for text in networks:
            network = ipaddress.ip_network(text)
            reached = network.network_address
            if reached.is_loopback or reached.is_link_local or reached.is_multicast or reached.is_unspecified:
                raise ValueError("a network of partners is none of loopback, link-local or multicast addresses")
        return networks

    @model_validator(mode="after")
    def _open_only_with_tls(self) -> Settings:
        if self.tls == "off" and not self.on_loopback:
            raise ValueError("partner_host: without TLS the partner port listens on loopback only; set tls")
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file come together")
        if self.registrar_key_file is not None and self.registrar_public_file is None:
            raise ValueError("registrar_key_file needs registrar_public_file, the other half")
        return self

    @model_validator(mode="after")
    def _whole_token(self) -> Settings:
        if self.key_store == "pkcs11" and not (self.pkcs11_module and self.pkcs11_token and self.pkcs11_pin_file):
            raise ValueError("key_store pkcs11 needs pkcs11_module, pkcs11_token and pkcs11_pin_file")
        return self

    @field_validator("public_base_url", "sandbox_public_base_url")
    @classmethod
    def _base_url(cls, text: str) -> str:
        parts = urlsplit(text)
        extras = parts.username or parts.password or parts.query or parts.fragment or text.endswith(("/", "?", "#"))
        if text and (parts.scheme not in {"https", "http"} or not parts.hostname or extras):
            raise ValueError("the public address is an http or https URL without user, query or closing slash")
        return text

    @model_validator(mode="after")
    def _lease_outlasts_a_delivery(self) -> Settings:
        if self.lease_seconds <= max(self.channel_timeout, self.call_seconds):
            raise ValueError("lease_seconds must outlast channel_timeout and call_seconds, or two workers serve a lane")
        return self

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine reaches the partner port."""
        return self.partner_host == "localhost" or ipaddress.ip_address(self.partner_host).is_loopback

    @property
    def gate_enforced(self) -> bool:
        """Whether only partners that went live are served."""
        if self.realm == "sandbox" or self.live_gate == "off":
            return False
        return self.live_gate == "on" or not self.on_loopback or bool(self.trusted_proxies)

    def endpoint_of(self, partner: str, from_profile: str) -> str:
        """Base URL of a partner: as set here, else as its profile has it; a sandbox never uses the profile's.

        Args:
            partner: its code.
            from_profile: what its profile says.
        """
        return self.partner_endpoints.get(partner, "" if self.realm == "sandbox" else from_profile)

    def in_sandbox(self) -> Settings:
        """The settings of the sandbox beside this gateway: nothing that is secret, stored or delivered is shared."""
        return self.model_copy(
            update={
                "realm": "sandbox",
                "state_dir": self.state_dir / "sandbox",
                "cache_dir": self.cache,
                "database_url": self.sandbox_database_url,
                "log_origin": f"{self.log_origin}/sandbox",
                "partner_port": _sandbox_port(self.partner_port),
                "internal_port": _sandbox_port(self.internal_port),
                "public_base_url": self.sandbox_public_base_url,
                "api_audience": f"{self.api_audience}/sandbox" if self.api_audience else "",
                "partner_endpoints": dict(self.sandbox_endpoints),
                "key_passphrase_file": None,
                "registrar_public_file": None,
                "registrar_key_file": None,
                "registrar_passphrase_file": None,
                "data_registrar_public_file": self.data_registrar_public_file or self.registrar_file,
                "tls_certificate_file": None,
                "tls_key_file": None,
                "misbehaviour_limit": max(self.misbehaviour_limit, SANDBOX_REFUSALS),
                "failed_attempts": max(self.failed_attempts, SANDBOX_REFUSALS),
            }
        )

    @property
    def database(self) -> str:
        """Address of the database."""
        return self.database_url or f"sqlite:///{self.state_dir.resolve() / 'gateway.sqlite'}"

    @property
    def bodies_dir(self) -> Path:
        """Folder of large bodies."""
        return self.state_dir / "bodies"

    @property
    def keys_dir(self) -> Path:
        """Folder of private keys."""
        return self.state_dir / "keys"

    @property
    def passphrase_file(self) -> Path:
        """File with the passphrase of the private keys."""
        return self.key_passphrase_file or self.keys_dir / "passphrase"

    @property
    def registrar_file(self) -> Path:
        """PEM file of the registrar's public key."""
        return self.registrar_public_file or self.state_dir / "registrar" / "public.pem"

    @property
    def cache(self) -> Path:
        """Folder of derived structures."""
        return self.cache_dir or self.state_dir / "cache"


def _sandbox_port(live: int) -> int:
    """The port beside a live one; 0 lets the machine choose."""
    return live + SANDBOX_PORT_STEP if 0 < live <= MOST_PORT - SANDBOX_PORT_STEP else 0


def load_settings(file: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings.

    Args:
        file: TOML file; without it the one that ``SARHAD_SETTINGS`` names, if any.
        overrides: single settings that win over file and environment.

    Raises:
        DataFolderError: naming every setting that is unknown, malformed or unsafe.
    """
    named = file or (Path(os.environ[FILE_VARIABLE]) if os.environ.get(FILE_VARIABLE) else None)
    from_file = _read(named) if named else {}
    in_environment = {name for name in Settings.model_fields if f"SARHAD_{name}".upper() in os.environ}
    chosen = {name: value for name, value in from_file.items() if name not in in_environment} | overrides
    try:
        made = Settings(**chosen)
        return made.in_sandbox() if made.realm == "sandbox" else made
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise DataFolderError(
            "the settings hold faults: " + "; ".join(sorted(faults)),
            path=str(named or "environment"),
            remedy="gateway/settings.py says what each setting means and allows",
            code="settings.invalid",
        ) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataFolderError(
            "the settings file cannot be read as TOML",
            path=str(file),
            remedy=f"make it readable, or unset {FILE_VARIABLE} ({type(error).__name__})",
            code="settings.unreadable",
        ) from None
