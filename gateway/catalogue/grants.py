"""Grants that look as if they released a field and never do.

A step without braces does not see the entries that a mapping keeps apart by braces. Where a mapping writes a place in
such entries only, a grant without braces is a promise that nothing keeps: the reader of the agreement believes that the
field is released. Asked of what arrives only: one mapping makes it, so it is known what can ever stand there.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.agreement.agreement import Permit
from gateway.agreement.fields import covers
from gateway.agreement.places import leaf_path
from gateway.agreement.reading import AgreementFile
from gateway.catalogue.mapped import written_places
from gateway.conversion.model import Table
from gateway.findings import Fault
from gateway.formats.structure import Structure


def grants_of_nothing(agreement: AgreementFile, permit: Permit, canonical: Structure, table: Table) -> Iterator[Fault]:
    """Each grant of an inbound message whose place the mapping fills only where the grant does not reach.

    Args:
        agreement: the file whose terms they are.
        permit: what reaches consumers.
        canonical: the WCO form.
        table: the mapping that makes it.
    """
    if permit.message.direction != "in":
        return
    written = {leaf_path(path, canonical) for path in written_places(table)}
    for one in permit.fields.allowed:
        there = [path for path in written if path.general == one.path.general]
        if there and not any(covers(one.path, path, claims=permit.fields.claims) for path in there):
            yield Fault(
                file=agreement.file,
                row=one.place,
                code="agreement.grants-nothing",
                message=f"{one.path} is only ever written as {', '.join(sorted({path.qualified for path in there}))}",
                remedy="list the entries with the braces that the mapping gives them",
            )
