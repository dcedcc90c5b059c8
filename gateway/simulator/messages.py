"""Messages made up for simulated traffic: good ones, ones that break a rule, and ones of our own side for a partner."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from gateway.catalogue import Catalogue
from gateway.conversion.run import ConversionContext
from gateway.errors import NotFound
from gateway.findings import has_errors
from gateway.formats.generator import generate
from gateway.formats.tree import Tree
from gateway.simulator.damage import break_a_rule

MOST_SEEDS = 200
"""How many seeds are tried until a generated message fits an outgoing form."""


def generated(catalogue: Catalogue, format_name: str, seed: int, richness: float | None = None) -> Tree:
    """A random valid message.

    Args:
        catalogue: the data folders.
        format_name: published name of the format.
        seed: the same seed gives the same message.
        richness: share of optional elements; drawn from the seed when None.
    """
    return generate(
        catalogue.formats.get(format_name).structure,
        seed=seed,
        code_lists=catalogue.code_lists,
        schemes=catalogue.schemes,
        vocabulary=catalogue.vocabulary,
        richness=richness,
    )


def rule_breaking(catalogue: Catalogue, format_name: str, seed: int) -> Tree | None:
    """A message that its schema accepts and its mapping to the WCO form refuses; None when none was found."""
    chosen = catalogue.formats.get(format_name)
    mapping = catalogue.mapping(format_name, "to-wco")
    context = _context("")

    def breaks(message: Tree) -> bool:
        return not has_errors(chosen.judge(message)) and has_errors(mapping.to_wco(message, context).findings)

    message = generated(catalogue, format_name, seed, 0.6)
    return break_a_rule(message, chosen.structure, breaks, random.Random(seed))  # noqa: S311


def lodgeable(catalogue: Catalogue, partner: str, lodged: str, outgoing: str, seed: int, richness: float = 0.8) -> Tree:
    """A message of our own form that the outgoing form can carry: the first such from a seed on.

    Forms are made for one business (an extract of export declarations, say), so that some valid messages of our own
    form have no place in them.

    Raises:
        NotFound: none of many seeds gave one.
    """
    there, onward = catalogue.mapping(lodged, "to-wco"), catalogue.mapping(outgoing, "from-wco")
    form, context = catalogue.formats.get(outgoing), _context("0" * 32, catalogue, partner)
    for each in range(seed, seed + MOST_SEEDS):
        message = generated(catalogue, lodged, each, richness)
        middle = there.to_wco(message, context)
        if has_errors(middle.findings):
            continue
        carried = onward.from_wco(middle.tree, context)
        if not has_errors(carried.findings) and not has_errors(form.judge(carried.tree)):
            return message
    raise NotFound("no generated message of our form fits the outgoing one", path=outgoing, code="demo.no-message")


def _context(reference: str, catalogue: Catalogue | None = None, partner: str = "") -> ConversionContext:
    return ConversionContext(
        reference=reference,
        sender=partner,
        received=datetime.now(UTC),
        agreement_id="agreement",
        partner=catalogue.profile(partner).texts if catalogue is not None else {},
    )
