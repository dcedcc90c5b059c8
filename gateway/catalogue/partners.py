"""Partner folders: a profile that can be served, a page for people, a place for certificates."""

from __future__ import annotations

from gateway.catalogue.folders import PARTNERS, DataFolders, FaultList, fault_of
from gateway.errors import DataFolderError
from gateway.partner.profile import PartnerProfile, read_profile

_COMPLETE = ("profile.toml", "README.md", "certificates")


def load_partners(folders: DataFolders, faults: FaultList) -> dict[str, PartnerProfile]:
    """Every partner by the name of its folder."""
    partners: dict[str, PartnerProfile] = {}
    for place in sorted((folders.root / PARTNERS).glob("*")):
        if not place.is_dir() or place.name.startswith((".", "_")):
            continue
        for name in _COMPLETE:
            if not (place / name).exists():
                faults.add(folders.name(place / name), "", "partner.incomplete", "it is missing", "see partners/README")
        profile = place / "profile.toml"
        if profile.is_file():
            _read(folders, place.name, partners, faults)
    return partners


def _read(folders: DataFolders, code: str, partners: dict[str, PartnerProfile], faults: FaultList) -> None:
    path = folders.root / PARTNERS / code / "profile.toml"
    file = folders.name(path)
    try:
        read, found = read_profile(folders.text(path), code=code, file=file)
    except DataFolderError as problem:
        faults.take([fault_of(problem, folders, file)])
        return
    faults.take(found)
    if read is not None:
        partners[code] = read
