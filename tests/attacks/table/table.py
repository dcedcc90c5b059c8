"""All rows of the table of attacks, in the order in which a request is judged."""

from __future__ import annotations

from tests.attacks.table import (
    rows_assertion,
    rows_certificate,
    rows_content,
    rows_envelope,
    rows_framing,
    rows_http,
    rows_large,
    rows_neighbours,
    rows_replay,
    rows_signature,
    rows_signed,
    rows_token,
    rows_xmldsig,
)
from tests.attacks.table.row import Row

ROWS: tuple[Row, ...] = (
    *rows_framing.ROWS,
    *rows_http.ROWS,
    *rows_neighbours.ROWS,
    *rows_certificate.ROWS,
    *rows_token.ROWS,
    *rows_assertion.ROWS,
    *rows_signature.ROWS,
    *rows_envelope.ROWS,
    *rows_signed.ROWS,
    *rows_xmldsig.ROWS,
    *rows_replay.ROWS,
    *rows_content.ROWS,
    *rows_large.ROWS,
)
