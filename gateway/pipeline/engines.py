"""Where the engines meet: reading, permission, conversion and release, each taking one stage and giving the next.

Whatever an engine says against a message ends in `ContentRefused` or `NotPermitted`, with findings, so that one code
path answers them all; only faults of our own (a mapping that is missing) pass through as other errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.agreement import policy
from gateway.agreement.policy import Permission
from gateway.agreement.release import release
from gateway.agreement.terms import Direction as AgreementDirection
from gateway.conversion.account import WithheldLeaf, chain
from gateway.conversion.account import released as account_of_release
from gateway.conversion.run import ConversionContext
from gateway.errors import ContentRefused, GatewayError, UnknownFormat
from gateway.findings import Finding, Layer, Severity, has_errors
from gateway.formats.locations import located
from gateway.formats.rule_grades import NO_GRADES, Grade
from gateway.formats.tree import Tree
from gateway.identifiers import AgreementId, ExchangeId, PartnerCode
from gateway.pipeline.knowledge import Converted, Knowledge
from gateway.pipeline.stages import ConvertedMessage, PermittedMessage, ReadMessage, ReleasedMessage
from gateway.ports import KeyRing

_MEDIA_TYPES = {"xml": "application/xml", "json": "application/json"}


class Engines:
    """Joins the engines over one catalogue.

    Args:
        knowledge: the data folders.
        keys: holds the secrets of hashed releases.
    """

    def __init__(self, knowledge: Knowledge, keys: KeyRing) -> None:
        self._knowledge = knowledge
        self._keys = keys

    @property
    def catalogue_digest(self) -> str:
        """Digest of the data folders in force."""
        return self._knowledge.digest

    def read(
        self, payload: bytes, format_name: str | None, *grades: Mapping[str, Grade], sender: str = ""
    ) -> ReadMessage:
        """Parse and judge against schema and rules of the named format, or of the one that recognises the document.

        Args:
            payload: the document.
            format_name: None to recognise it.
            grades: business rules that count otherwise here, see `grades`.
            sender: the partner whose message it is, which is not to learn of the formats of others; empty for ours.
        """
        try:
            verdict = self._knowledge.verdict(payload, format_name, *grades, sender=sender)
        except UnknownFormat as unknown:  # the sender states a format that we do not have
            return ReadMessage(format_name=format_name or "", profile="", tree=None, findings=findings_of(unknown))
        return ReadMessage(
            format_name=verdict.format or format_name or "",
            profile=verdict.profile,
            tree=verdict.tree,
            findings=located(verdict.findings, verdict.found.structure if verdict.found is not None else None),
        )

    def grades(
        self, partner: PartnerCode, agreement: AgreementId | str | None, at: datetime
    ) -> tuple[Mapping[str, Grade], ...]:
        """Business rules that count otherwise for a message, by its agreement, then by the partner's profile.

        Args:
            partner: the other side.
            agreement: the agreement that the message invokes; without one, the only one in force with the partner.
            at: time of receipt or release.
        """
        standing = [
            one
            for one in self._knowledge.agreements
            if one.terms.partner == partner
            and (not agreement or one.id == agreement)
            and policy.standing(one, at) == "in-force"
        ]
        agreed = standing[0].terms.rules.grades if len(standing) == 1 else NO_GRADES
        return agreed, self._knowledge.partner_grades(partner)

    def permit(
        self,
        read: ReadMessage,
        *,
        partner: PartnerCode,
        direction: AgreementDirection,
        message_type: str,
        purpose: str,
        agreement: AgreementId | None,
        at: datetime,
    ) -> PermittedMessage:
        """Ask the agreements in force at the time of receipt or release, never by a date inside the message.

        Args:
            read: the message.
            partner: the other side.
            direction: ``in`` or ``out``, as agreements write it.
            message_type: as agreements name it.
            purpose: the declared purpose; empty for a lodgement that names none: the only one that is listed is taken.
            agreement: the agreement that the message invokes; None to look for the one that permits.
            at: time of receipt or release.

        Raises:
            NotPermitted: with the reason, as a finding too.
            ContentRefused: an inbound message comes in another format than the one agreed.
        """
        agreements = self._knowledge.agreements
        asked = {"partner": partner, "direction": direction, "message_type": message_type, "at": at}
        if not purpose:
            listed = policy.purposes(agreements, **asked, agreement_id=agreement)  # type: ignore[arg-type]
            purpose = listed[0] if len(listed) == 1 else ""
        permission = policy.decide(
            agreements,
            partner=partner,
            direction=direction,
            message_type=message_type,
            purpose=purpose,
            at=at,
            agreement_id=agreement,
        )
        if direction == "in" and read.format_name != permission.format:
            raise ContentRefused(
                "the message comes in another format than the agreement names",
                path="schema",
                remedy=f"send {permission.format}",
                code="agreement.format-not-agreed",
            )
        return PermittedMessage(read=read, permission=permission)

    def to_canonical(self, permitted: PermittedMessage, context: ConversionContext) -> ConvertedMessage:
        """Convert what was read to the canonical form of its mapping.

        Raises:
            ContentRefused: the mapping refuses a value; its findings name rows.
        """
        read, permission = permitted.read, permitted.permission
        tree = _tree_of(read)
        canonical = self._knowledge.canonical_of(read.format_name)
        if canonical in (read.format_name, read.profile):
            return self._unconverted(permitted, canonical, tree)
        converted = self._knowledge.mapping(read.format_name, "to-wco").to_wco(tree, context)
        return self._converted(read.format_name, canonical, converted, permission, ())

    def to_partner(self, released: ReleasedMessage, context: ConversionContext) -> ConvertedMessage:
        """Convert what was released to the partner's form, and judge it by the partner's schema.

        Raises:
            ContentRefused: the mapping or the partner's schema refuses it.
        """
        wanted, canonical = released.permission.format, released.format_name
        if wanted == canonical:
            findings = tuple(self._knowledge.format(wanted).judge(released.tree))
            _refuse_errors(findings, "the partner's schema refuses the message that would leave")
            return ConvertedMessage(
                source_format=canonical,
                format_name=wanted,
                tree=released.tree,
                findings=findings,
                account=None,
                permission=released.permission,
            )
        converted = self._knowledge.mapping(wanted, "from-wco").from_wco(released.tree, context)
        judged = () if has_errors(converted.findings) else self._knowledge.format(wanted).judge(converted.tree)
        return self._converted(canonical, wanted, converted, released.permission, judged)

    def release(self, converted: ConvertedMessage) -> ReleasedMessage:
        """Build the message anew from the fields that the agreement lists."""
        permission = converted.permission
        structure = self._knowledge.format(converted.format_name).structure
        secret = self._keys.release_secret(AgreementId(permission.agreement_id))
        built = release(permission, converted.tree, structure, secret=secret)
        withheld = tuple(
            {"path": path, "reason": reason, "clause": clause, "count": count}
            for (path, reason, clause), count in sorted(built.counts().items())
        )
        return ReleasedMessage(
            format_name=converted.format_name,
            tree=built.tree,
            withheld=withheld,
            leaves=tuple(WithheldLeaf(leaf.path, leaf.reason, leaf.clause) for leaf in built.withheld),
            findings=built.findings(),
            permission=permission,
        )

    def type_of(self, payload: bytes, partner: PartnerCode, direction: AgreementDirection, at: datetime) -> str:
        """The message type whose format a document has, when the agreements in force list exactly one."""
        format_name = self.read(payload, None, sender=partner if direction == "in" else "").format_name
        types = {
            terms.type
            for agreement in self._knowledge.agreements
            if agreement.terms.partner == partner and policy.standing(agreement, at) == "in-force"
            for terms in agreement.terms.messages
            if terms.direction == direction and (terms.format == format_name or direction == "out")
        }
        return types.pop() if len(types) == 1 else ""

    def media_type(self, format_name: str) -> str:
        """Media type of the native syntax of a format."""
        return _MEDIA_TYPES[self._knowledge.format(format_name).structure.syntax]

    def account(
        self, canonical: ConvertedMessage, released: ReleasedMessage, converted: ConvertedMessage | None = None
    ) -> dict[str, Any] | None:
        """What became of every leaf over all steps, the release between them included, as JSON."""
        first, second = canonical.account, None if converted is None else converted.account
        if first is not None and second is not None:
            return chain(first, second, released.leaves).as_json()
        if first is not None:
            return account_of_release(first, released.leaves).as_json()
        return None if second is None else second.as_json()

    def document(self, message: ConvertedMessage) -> bytes:
        """The message in the native syntax of its format."""
        return self._knowledge.format(message.format_name).write(message.tree)

    def feed_document(self, released: ReleasedMessage) -> bytes:
        """The message as JSON for consumers."""
        return self._knowledge.format(released.format_name).to_json(released.tree)

    def context(
        self, *, reference: ExchangeId, sender: PartnerCode, partner: PartnerCode, at: datetime, agreement: str
    ) -> ConversionContext:
        """What a conversion may know of the exchange."""
        return ConversionContext(
            reference=reference,
            sender=sender,
            received=at,
            agreement_id=agreement,
            partner=self._knowledge.partner_texts(partner),
        )

    def _unconverted(self, permitted: PermittedMessage, canonical: str, tree: Tree) -> ConvertedMessage:
        return ConvertedMessage(
            source_format=permitted.read.format_name,
            format_name=canonical,
            tree=tree,
            findings=(),
            account=None,
            permission=permitted.permission,
        )

    def _converted(
        self,
        source: str,
        target: str,
        converted: Converted,
        permission: Permission,
        judged: Sequence[Finding],
    ) -> ConvertedMessage:
        findings = (*converted.findings, *judged)
        _refuse_errors(findings, f"the message cannot be converted from {source} to {target}")
        return ConvertedMessage(
            source_format=source,
            format_name=target,
            tree=converted.tree,
            findings=findings,
            account=converted.account,
            permission=permission,
        )


def findings_of(refusal: GatewayError) -> tuple[Finding, ...]:
    """The findings that a refusal carries, or the refusal itself as one."""
    if refusal.findings:
        return refusal.findings
    return (
        Finding(
            severity=Severity.ERROR,
            code=refusal.stable_code,
            layer=Layer.AGREEMENT,
            path=refusal.path,
            line=refusal.line,
            message=refusal.message,
            remedy=refusal.remedy,
        ),
    )


def require_valid(read: ReadMessage) -> ReadMessage:
    """Refuse a message with a finding of severity error.

    Raises:
        ContentRefused: carrying all findings.
    """
    _refuse_errors(read.findings, "the message is not valid")
    _tree_of(read)
    return read


def _tree_of(read: ReadMessage) -> Tree:
    if read.tree is None:
        raise ContentRefused("the message cannot be read", findings=read.findings)
    return read.tree


def _refuse_errors(findings: Sequence[Finding], message: str) -> None:
    if has_errors(findings):
        raise ContentRefused(message, findings=findings, remedy="mend what the findings name and send it anew")
