"""Puts together what knows which partners are live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gateway.adapters.durability import Durability
from gateway.adapters.live_notes import LiveNoteFiles
from gateway.adapters.partner_lists import KEY_LISTS
from gateway.adapters.partner_registry import PartnerRegistry, RegistryManipulated
from gateway.bootstrap.setting_up import chosen_home, key_folder
from gateway.catalogue.model import Catalogue
from gateway.identifiers import PartnerCode
from gateway.partner.trust import TrustStore
from gateway.pipeline.live_gate import GateRules, LiveGate
from gateway.pipeline.live_note import Liveness, read_live_note
from gateway.pipeline.surroundings import Surroundings
from gateway.security.keys import RegisteredKey
from gateway.settings import Settings

LIVE = "live"
"""Folder in ``state_dir`` of the notes that say which partners are live."""


def live_gate_of(
    settings: Settings, around: Surroundings, catalogue: Catalogue, trust: TrustStore[RegisteredKey]
) -> LiveGate:
    """What knows which partners are live.

    Args:
        settings: name the folder and the rules of the gate.
        around: the ports.
        catalogue: the profiles of the partners.
        trust: the registered keys of all partners.
    """
    rules = GateRules(
        realm=settings.realm,
        enforced=settings.gate_enforced,
        pause=timedelta(seconds=settings.live_gate_seconds),
        report_age=timedelta(days=settings.live_report_days),
    )
    files = LiveNoteFiles(settings.state_dir / LIVE, Durability())
    return LiveGate(around, files, rules, lambda partner: _report_key(settings, catalogue, partner, trust))


def read_liveness(settings: Settings, catalogue: Catalogue, partner: PartnerCode) -> Liveness | None:
    """Since when a partner is live, without a gateway; None for one that is not.

    Raises:
        DataFolderError: our keys cannot be read.
    """
    note = LiveNoteFiles(settings.state_dir / LIVE, Durability()).read(partner)
    if note is None:
        return None
    keys = key_folder(settings, Durability()).read(chosen_home(settings, catalogue), settings.log_origin)
    return read_live_note(note, keys.log_key, partner)


def _report_key(
    settings: Settings, catalogue: Catalogue, partner: PartnerCode, trust: TrustStore[RegisteredKey]
) -> Callable[[str], RegisteredKey | None]:
    """The keys whose reports count for a partner: its own and ours, those of the sandbox beside us among them.

    Runs are made before a partner is live, so mostly with the keys of a sandbox.
    """
    sandbox = settings.in_sandbox()
    home = chosen_home(settings, catalogue)
    own = [key_folder(each, Durability()).public for each in (settings, sandbox)]
    known = {key.kid: key for key in (*KEY_LISTS.read_all(own, home), *_keys_in(sandbox, catalogue, partner))}
    lookup = trust.lookup_of(partner)
    return lambda kid: lookup(kid) or known.get(kid)


def _keys_in(sandbox: Settings, catalogue: Catalogue, partner: PartnerCode) -> tuple[RegisteredKey, ...]:
    """A partner's keys in the sandbox; none where its lists there are not as signed."""
    profile = catalogue.partners.get(partner)
    if profile is None:
        return ()
    try:
        return PartnerRegistry(sandbox).keys(profile)
    except RegistryManipulated:
        return ()
