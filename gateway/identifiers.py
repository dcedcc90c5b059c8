"""Typed identifiers and codes, so that one cannot be passed where another is due."""

from __future__ import annotations

from typing import NewType

MessageId = NewType("MessageId", str)
"""The sender's message id (JWS ``jti``), unique per sender."""

ExchangeId = NewType("ExchangeId", str)
"""Our id of one exchange: 32 hexadecimal digits."""

PartnerCode = NewType("PartnerCode", str)
"""Folder name under ``partners/``: the two letters of ISO 3166-1, lower case."""

AgreementId = NewType("AgreementId", str)
"""File name of an agreement without version, e.g. ``aa-xx-declarations``."""

FormatName = NewType("FormatName", str)
"""Name and version of a message format, e.g. ``dec-3.6``."""
