"""Examining what was stored: validate, permit, convert, keep the listed fields, publish, answer. One transaction.

Everything is computed from the stored bytes before the transaction begins, so a crash anywhere leaves the work due and
nothing half done. What a partner did wrong ends in a refusing acknowledgement; what we did wrong in quarantine.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from gateway.errors import GatewayError, TemporaryFailure
from gateway.exchange.model import Exchange, FeedEntry, Message, Outcome, Role
from gateway.exchange.states import Event
from gateway.exchange.tags import Tag
from gateway.pipeline.answering import Answering, AnswerParts
from gateway.pipeline.engines import Engines
from gateway.pipeline.judging import Judge, Question, Verdict
from gateway.pipeline.lanes import full_jitter, place_of
from gateway.pipeline.opening import Opener
from gateway.pipeline.stages import OpenedMessage, ReleasedMessage
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import Gate, Lease, LogDraft, PreparedBody, UnitOfWork, Work, WorkItem

_log = structlog.get_logger("sarhad.examination")


class Examiner:
    """Examines stored messages of partners.

    Args:
        around: the ports.
        opener: verifies the stored bytes again.
        engines: write what consumers get.
        judge: says accepted or refused.
        answering: makes acknowledgements and reads those of partners.
        feed: name of the feed that accepted messages go to.
        lease_seconds: length of a lease, prolonged with each item.
        attempts: tries that may end in a temporary fault before quarantine.
        pause: first pause after such a fault.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        opener: Opener,
        engines: Engines,
        judge: Judge,
        answering: Answering,
        feed: str,
        lease_seconds: float,
        attempts: int,
        pause: timedelta,
    ) -> None:
        self._around = around
        self._opener = opener
        self._engines = engines
        self._judge = judge
        self._answering = answering
        self._feed = feed
        self._lease_seconds = lease_seconds
        self._attempts = attempts
        self._pause = pause

    def serve(self, lease: Lease, item: WorkItem) -> bool:
        """Examine one stored message; False when its lane must rest."""
        try:
            message, opened = self._open(item)
            if message.is_acknowledgement:
                self._answering.take(opened, message, lease, item)
            else:
                self._examine(opened, message, lease, item)
        except TemporaryFailure as failure:
            if item.attempts + 1 < self._attempts:
                self._postpone(lease, item)
                return False
            self._quarantine(lease, item, failure.stable_code)
        except GatewayError as error:
            self._quarantine(lease, item, error.stable_code)
        except Exception as error:  # noqa: BLE001 - a fault of ours must neither stop the lane nor blame the partner
            _log.error("examination failed", message_key=item.message_key, **place_of(error))
            self._quarantine(lease, item, f"internal.{type(error).__name__.lower()}")
        return True

    def _open(self, item: WorkItem) -> tuple[Message, OpenedMessage]:
        with self._around.store.reading() as look:
            message = look.exchanges.message(item.message_key)
            jws = look.bodies.read(message.key, Role.SIGNED)
        return message, self._opener.open_stored(jws, message)

    def _examine(self, opened: OpenedMessage, message: Message, lease: Lease, item: WorkItem) -> None:
        with self._around.store.reading() as look:
            exchange = look.exchanges.exchange(message.exchange_id)
        verdict = self._judge.judge(Question.of(opened, exchange))
        answer = self._answering.prepare(message, verdict.outcome, verdict.findings)
        document = None
        if verdict.released is not None:
            content = self._engines.feed_document(verdict.released)
            document = self._around.bodies.prepare(message.key, Role.FEED, content)
        gates = self._around.gates
        gates.reach(Gate.EXAMINE_BEFORE_STORE)
        with self._around.store.writing() as work:
            self._hold(work, lease, item)
            self._keep(work, exchange, message, verdict=verdict, answer=answer, document=document)
            gates.reach(Gate.EXAMINE_INSIDE_STORE)
        gates.reach(Gate.EXAMINE_AFTER_STORE)
        self._around.wake(Work.DELIVER)

    def _keep(
        self,
        work: UnitOfWork,
        exchange: Exchange,
        message: Message,
        *,
        verdict: Verdict,
        answer: AnswerParts,
        document: PreparedBody | None,
    ) -> None:
        at = self._around.clock.now()
        accepted = verdict.outcome is Outcome.ACCEPTED
        event = Event.ACCEPT if accepted else Event.REJECT
        entry = None
        if document is not None and verdict.released is not None:
            entry = self._feed_entry(exchange, message, verdict.released, at)
        work.outbox.add(Work.DELIVER, exchange.partner, answer.message.key, at=at)
        draft = LogDraft(
            tag=Tag.GATEWAY_MESSAGE_ACCEPTED if accepted else Tag.GATEWAY_MESSAGE_REJECTED,
            partner=exchange.partner,
            exchange_id=exchange.id,
            message_id=message.message_id,
            agreement=verdict.report.agreement_version,
            codes=tuple(dict.fromkeys(finding.code for finding in verdict.findings)),
            decision="accepted" if accepted else "rejected",
            rows=(verdict.report, answer.message, answer.acknowledgement, *((entry,) if entry else ())),
            bodies=(*answer.bodies, *((document,) if document else ())),
            change=(exchange, event),
            facts={"clause": verdict.report.clause, "catalogue": verdict.report.catalogue},
        )
        leaf = work.log.append(draft, at=at)
        work.exchanges.move(exchange, event, at=at, leaf_index=leaf.index)
        work.exchanges.keep_report(verdict.report)
        self._answering.keep(work, answer)
        if document is not None and entry is not None:
            work.feed.publish(entry, document)

    def _feed_entry(self, exchange: Exchange, message: Message, released: ReleasedMessage, at: datetime) -> FeedEntry:
        return FeedEntry(
            feed=self._feed,
            position=0,
            exchange_id=exchange.id,
            message_key=message.key,
            partner=exchange.partner,
            message_type=exchange.message_type,
            agreement=exchange.agreement,
            format=released.format_name,
            at=at,
            document=b"",
        )

    def _hold(self, work: UnitOfWork, lease: Lease, item: WorkItem) -> None:
        work.outbox.renew(lease, at=self._around.clock.now(), seconds=self._lease_seconds)
        work.outbox.finish(item)

    def _postpone(self, lease: Lease, item: WorkItem) -> None:
        at = self._around.clock.now()
        pause = full_jitter(self._pause, self._pause * 60, item.attempts, self._around.ids.fraction())
        with self._around.store.writing() as work:
            work.outbox.postpone(lease, item, until=at + pause)

    def _quarantine(self, lease: Lease, item: WorkItem, code: str) -> None:
        """Set a message aside for a person: the fault is ours."""
        at = self._around.clock.now()
        with self._around.store.writing() as work:
            work.outbox.renew(lease, at=at, seconds=self._lease_seconds)
            work.outbox.park(item, reason=code, at=at)
            message = work.exchanges.message(item.message_key)
            exchange = None if message.is_acknowledgement else work.exchanges.exchange(message.exchange_id)
            draft = LogDraft(
                tag=Tag.GATEWAY_MESSAGE_QUARANTINED,
                partner=message.partner,
                exchange_id=exchange.id if exchange else "",
                message_id=message.message_id,
                codes=(code,),
                decision="quarantined" if exchange else "",
                change=(exchange, Event.QUARANTINE) if exchange else None,
            )
            leaf = work.log.append(draft, at=at)
            if exchange is not None:
                work.exchanges.move(exchange, Event.QUARANTINE, at=at, leaf_index=leaf.index)
