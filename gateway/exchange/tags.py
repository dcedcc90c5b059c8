"""The closed list of audit tags: nothing else can be logged.

A tag is ``who:what:happened``. Its parts are checked when the module is read, so that a typing error cannot become a
new kind of event. Success and failure both have tags.
"""

from __future__ import annotations

from enum import StrEnum

ACTORS = frozenset({"partner", "lodger", "gateway", "operator"})


class Tag(StrEnum):
    """What a log entry is about.

    The comment of each tag says which event it stands for and what the entry holds beside ids, partner and time.
    """

    # A partner's message was opened; entry holds commitments to the rows and to the signed bytes.
    PARTNER_MESSAGE_RECEIVED = "partner:message:received"
    # A partner's bytes were refused with a 4xx answer; entry holds the stable code. Nothing else is kept.
    PARTNER_MESSAGE_REFUSED = "partner:message:refused"
    # A message id came again with other bytes: a security event.
    PARTNER_MESSAGE_REPLAYED = "partner:message:replayed"
    # A request was refused before its content was looked into; entry holds the stable code, and the partner if proved.
    PARTNER_REQUEST_REFUSED = "partner:request:refused"
    # A partner whose proved requests were refused too often is not served for a while; entry holds the last code.
    GATEWAY_PARTNER_THROTTLED = "gateway:partner:throttled"
    # The partner's signed receipt for bytes of ours was verified and stored.
    PARTNER_RECEIPT_RECEIVED = "partner:receipt:received"
    # The partner answered a delivery with a receipt that does not verify.
    PARTNER_RECEIPT_REFUSED = "partner:receipt:refused"
    # The partner's business answer to a message of ours: accepted, refused, or for no message that we know.
    PARTNER_ACKNOWLEDGEMENT_ACCEPTED = "partner:acknowledgement:accepted"
    PARTNER_ACKNOWLEDGEMENT_REFUSED = "partner:acknowledgement:refused"
    PARTNER_ACKNOWLEDGEMENT_UNMATCHED = "partner:acknowledgement:unmatched"
    # Our signed receipt for a partner's bytes; entry holds the commitment to the receipt.
    GATEWAY_RECEIPT_ISSUED = "gateway:receipt:issued"
    # The outcome of examining a partner's message; entry holds the report's commitment and the agreement.
    GATEWAY_MESSAGE_ACCEPTED = "gateway:message:accepted"
    GATEWAY_MESSAGE_REJECTED = "gateway:message:rejected"
    GATEWAY_MESSAGE_QUARANTINED = "gateway:message:quarantined"
    # A delivery failed and is tried again; entry holds the commitment to the attempt.
    GATEWAY_DELIVERY_POSTPONED = "gateway:delivery:postponed"
    # Delivery of a message or of an acknowledgement was given up.
    GATEWAY_MESSAGE_UNDELIVERED = "gateway:message:undelivered"
    GATEWAY_ACKNOWLEDGEMENT_UNDELIVERED = "gateway:acknowledgement:undelivered"
    # The data folders in force from here on; entry holds the catalogue's digest.
    GATEWAY_CATALOGUE_LOADED = "gateway:catalogue:loaded"
    # The outcome of a lodgement; entry holds commitments and the clause that decided.
    LODGER_MESSAGE_RELEASED = "lodger:message:released"
    LODGER_MESSAGE_WITHHELD = "lodger:message:withheld"
    LODGER_MESSAGE_REJECTED = "lodger:message:rejected"
    # A person brought a dead letter or a quarantined message back, or stopped and started the delivery to a partner.
    OPERATOR_MESSAGE_REDRIVEN = "operator:message:redriven"
    OPERATOR_MESSAGE_REQUEUED = "operator:message:requeued"
    OPERATOR_LANE_STOPPED = "operator:lane:stopped"
    OPERATOR_LANE_STARTED = "operator:lane:started"
    # A person let no request of a partner in any more, or let them in again, also before a pause was over.
    OPERATOR_PARTNER_STOPPED = "operator:partner:stopped"
    OPERATOR_PARTNER_STARTED = "operator:partner:started"
    # A partner went live with the report of a test run, whose digest the entry holds in its reason, or by the word of a
    # named person; or it was taken back.
    OPERATOR_PARTNER_ADMITTED = "operator:partner:admitted"
    OPERATOR_PARTNER_OVERRIDDEN = "operator:partner:overridden"
    OPERATOR_PARTNER_RECALLED = "operator:partner:recalled"
    # A new key of ours was made that takes over from another; entry holds its id, and why.
    OPERATOR_KEY_ROTATED = "operator:key:rotated"
    # A key was marked as compromised, ours or the partner's that is named; entry holds its id, and why.
    OPERATOR_KEY_REVOKED = "operator:key:revoked"
    # A partner's key list was taken in; entry holds, as reason, the SHA-256 of the list as it was handed over.
    OPERATOR_KEYS_IMPORTED = "operator:keys:imported"
    # Rows of a partner's lists are not as the registrar signed them; entry holds which, and the partner is suspended.
    GATEWAY_REGISTRY_MANIPULATED = "gateway:registry:manipulated"

    @property
    def actor(self) -> str:
        """Who acted."""
        return self.value.split(":")[0]

    @property
    def subject(self) -> str:
        """What it was done to."""
        return self.value.split(":")[1]

    @property
    def action(self) -> str:
        """What happened, as a past participle."""
        return self.value.split(":")[2]


def _check() -> None:
    for tag in Tag:
        actor, subject, action = tag.value.split(":")
        assert actor in ACTORS, tag
        assert tag.name == f"{actor}_{subject}_{action}".upper(), tag


_check()
