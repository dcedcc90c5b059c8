"""Limits that stop one partner and nobody else: its rate, its misbehaviour, and an operator who stops it.

What counts against a partner is only what it provably did: its registered certificate was on the connection, or the
whole request was verified under its key. A request that merely names a partner, or a signed head that somebody else
sends again, counts against the address that it came from; else anybody could have a partner stopped. An address over
its limit gets a short answer without an entry in the log, and a partner who proves itself is served from there all the
same.

The counts are in the database, in the transaction that takes a request's nonce, and so shared by all processes. That a
partner has to wait is also remembered here, so that a flood is refused from memory, before its bodies are read.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.authorisation.refusals import AccessRefused, TokenRefused
from gateway.errors import EnvelopeRefused, GatewayError, NotPermitted, Refusal, ReplayRefused, TooManyRequests
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.pipeline.refusal_log import RefusalLog
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import LogDraft, PartnerStanding, Rate, UnitOfWork
from gateway.security.certificates import CertificateRefused
from gateway.security.http_refusals import HttpMessageRefused

REQUESTS, MISBEHAVIOUR = "requests", "misbehaviour"
"""Kinds of what is counted for each partner."""

STOPPED, THROTTLED = "partner.stopped", "partner.throttled"
TOO_MANY, TOO_MANY_FAILURES = "http.too-many-requests", "http.too-many-failures"

_BELIEVED = timedelta(seconds=5)
"""How long it is believed without looking again that a partner has to wait: another process may have lifted that."""

_NOBODY = "nobody"
"""Stands for the address of refusals that are counted for all callers together."""

_SECURITY = (EnvelopeRefused, ReplayRefused, HttpMessageRefused, CertificateRefused, AccessRefused, TokenRefused)
_HONEST = frozenset({"expired", "not-yet-valid", "expired-key", "key-not-active", "clock"})
"""What a slow clock or a late change of keys explains does not count as misbehaviour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottlingLimits:
    """What the settings say.

    Attributes:
        misbehaviour: how often proved requests of a partner may be refused for reasons of security.
        pause: how long it is not served when that was too often.
        failures: how often unproved requests from one address may be refused.
        remembered: most addresses and kinds of refusals that are remembered.
        log_every: how long refusals of one kind are counted instead of written to the log.
    """

    misbehaviour: Rate
    pause: timedelta
    failures: Rate
    remembered: int
    log_every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wait:
    """Why and until when a partner has to wait, and how long that is believed."""

    code: str
    until: datetime
    believed_until: datetime


class Throttling:
    """Refuses who has to wait, and counts who shall.

    Args:
        around: the ports.
        rate_of: how many requests a partner may send.
        limits: from the settings.
    """

    def __init__(
        self, around: Surroundings, *, rate_of: Callable[[PartnerCode], Rate], limits: ThrottlingLimits
    ) -> None:
        self._around = around
        self._rate_of = rate_of
        self._limits = limits
        self.log = RefusalLog(around, every=limits.log_every, remembered=limits.remembered)
        self._lock = threading.Lock()
        self._waiting: dict[PartnerCode, _Wait] = {}
        self._failures: OrderedDict[str, datetime] = OrderedDict()

    def admit(self, partner: PartnerCode | None) -> None:
        """Refuse a partner of whom it is known that it has to wait; from memory only.

        Raises:
            TooManyRequests: ``http.too-many-requests`` or ``partner.throttled``.
            NotPermitted: ``partner.stopped``.
        """
        if partner is None:
            return
        now = self._around.clock.now()
        with self._lock:
            wait = self._waiting.get(partner)
            if wait is None or wait.until <= now or wait.believed_until <= now:
                self._waiting.pop(partner, None)
                return
        raise _refusal(wait.code, wait.until - now)

    def enter(self, work: UnitOfWork, partner: PartnerCode) -> None:
        """Count one request of a partner, in the transaction that takes its nonce.

        A refusal undoes that transaction: neither the nonce nor the place is used up.

        Raises:
            TooManyRequests: ``http.too-many-requests`` or ``partner.throttled``.
            NotPermitted: ``partner.stopped``.
        """
        now = self._around.clock.now()
        standing = work.standings.of(partner)
        if standing.stopped:
            raise self._remember(partner, STOPPED, now, _BELIEVED)
        if standing.paused_until is not None and standing.paused_until > now:
            raise self._remember(partner, THROTTLED, now, standing.paused_until - now)
        wait = work.rates.take(REQUESTS, partner, self._rate_of(partner), at=now)
        if wait is not None:
            raise self._remember(partner, TOO_MANY, now, wait)

    def enter_unsigned(self, partner: PartnerCode) -> None:
        """`enter` in a transaction of its own, for a request that has no nonce."""
        with self._around.store.writing() as work:
            self.enter(work, partner)

    def refused(self, refusal: Refusal, *, partner: PartnerCode | None, proved: bool, address: str) -> Refusal:
        """Log and count a request that is refused; gives what is answered.

        Args:
            refusal: why.
            partner: whom certificate or signature belong to, None for nobody.
            proved: whether the whole request is provably of that partner.
            address: where it came from; empty for a proxy of ours, which is not counted.
        """
        if isinstance(refusal, TooManyRequests) or refusal.stable_code == STOPPED:
            self.log.count(refusal, partner or "", address)
            return refusal
        if partner is not None and proved:
            self.log.write(refusal, partner)
            self.misbehaved(refusal, partner)
            return refusal
        wait = self._failed(address)
        if wait is None:
            self.log.write(refusal, partner or "")
            return refusal
        answer = _refusal(TOO_MANY_FAILURES, wait)
        self.log.count(answer, "", address)
        return answer

    def logged(self, refusal: GatewayError, partner: str) -> None:
        """Log a refusal of nobody in particular: one by one as far as the failures of one address go, then counted."""
        if isinstance(refusal, TooManyRequests) or (not partner and self._failed(_NOBODY) is not None):
            self.log.count(refusal, partner)
        else:
            self.log.write(refusal, partner)

    def misbehaved(self, refusal: GatewayError, partner: PartnerCode) -> None:
        """Count a refusal that is in the log already against a partner that provably caused it."""
        if not counts(refusal):
            return
        now = self._around.clock.now()
        with self._around.store.writing() as work:
            if work.rates.wait(MISBEHAVIOUR, partner, self._limits.misbehaviour, at=now) is None:
                work.rates.take(MISBEHAVIOUR, partner, self._limits.misbehaviour, at=now)
                return
            standing = work.standings.of(partner)
            if standing.paused_until is None or standing.paused_until <= now:
                draft = LogDraft(tag=Tag.GATEWAY_PARTNER_THROTTLED, partner=partner, codes=(refusal.stable_code,))
                work.log.append(draft, at=now)
                until = now + self._limits.pause
                work.standings.keep(replace(standing, paused_until=until, changed_at=now))
        self._remember(partner, THROTTLED, now, self._limits.pause)

    def set_stopped(self, partner: PartnerCode, *, stopped: bool, operator: str, reason: str) -> None:
        """Let no request of a partner in any more, or let them in again, also when it misbehaved.

        Args:
            partner: whose.
            stopped: whether to stop.
            operator: who decided.
            reason: why; both go into the log.
        """
        now = self._around.clock.now()
        tag = Tag.OPERATOR_PARTNER_STOPPED if stopped else Tag.OPERATOR_PARTNER_STARTED
        with self._around.store.writing() as work:
            work.log.append(LogDraft(tag=tag, partner=partner, reason=reason, facts={"actor": operator}), at=now)
            work.standings.keep(PartnerStanding(partner=partner, stopped=stopped, changed_at=now))
            if not stopped:
                work.rates.clear(MISBEHAVIOUR, partner)
        with self._lock:
            self._waiting.pop(partner, None)

    def standings(self) -> list[PartnerStanding]:
        """Every partner that is stopped or paused, or was."""
        with self._around.store.reading() as look:
            return look.standings.all()

    def _remember(self, partner: PartnerCode, code: str, now: datetime, wait: timedelta) -> Refusal:
        with self._lock:
            self._waiting[partner] = _Wait(code=code, until=now + wait, believed_until=now + _BELIEVED)
        return _refusal(code, wait)

    def _failed(self, address: str) -> timedelta | None:
        """Count a failure of an address; how long to wait when it has had too many."""
        if not address:
            return None
        now, allowed = self._around.clock.now(), self._limits.failures
        place = network_of(address)
        with self._lock:
            busy = max(self._failures.pop(place, now), now) + allowed.each
            wait = busy - now - allowed.each * allowed.burst
            self._failures[place] = busy if wait <= timedelta() else busy - allowed.each
            while len(self._failures) > self._limits.remembered:
                self._failures.popitem(last=False)
        return wait if wait > timedelta() else None


def counts(refusal: GatewayError) -> bool:
    """Whether a refusal counts as misbehaviour of the one who provably caused it."""
    if refusal.stable_code.rpartition(".")[2] in _HONEST:
        return False
    return isinstance(refusal, _SECURITY) or refusal.stable_code == "http.other-sender"


def network_of(address: str) -> str:
    """What an address is counted as: itself, and for IPv6 the network that one site has for its own."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))


_TEXTS = {
    THROTTLED: (
        "too many requests of this partner were refused for reasons of security; it is not served for a while",
        "mend what was refused before; the operator of this gateway can lift the pause",
    ),
    TOO_MANY: ("more requests than the agreed rate", "wait as long as Retry-After says, then send the request again"),
    TOO_MANY_FAILURES: (
        "too many requests from this address could not be authenticated",
        "wait as long as Retry-After says, and use registered keys and certificates",
    ),
}


def _refusal(code: str, wait: timedelta) -> Refusal:
    if code == STOPPED:
        return NotPermitted(
            "the operator of this gateway has stopped the exchange with this partner",
            remedy="ask the operator",
            code=STOPPED,
        )
    message, remedy = _TEXTS[code]
    return TooManyRequests(message, retry_after=wait.total_seconds(), remedy=remedy, code=code)
