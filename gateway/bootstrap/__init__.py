"""Puts a gateway together from its settings: the only place that knows every concrete class."""

from gateway.adapters.partner_registry import PARTNER_KEYS
from gateway.bootstrap.building import Outside, build_gateway, verify_audit
from gateway.bootstrap.keeping_keys import Act, KeyKeeping, digest_of, require_lead
from gateway.bootstrap.setting_up import (
    all_partner_keys,
    ensure_set_up,
    home_of,
    import_partner_keys,
    own_key_list,
    partner_keys,
    set_up,
)

__all__ = [
    "PARTNER_KEYS",
    "Act",
    "KeyKeeping",
    "Outside",
    "all_partner_keys",
    "build_gateway",
    "digest_of",
    "ensure_set_up",
    "home_of",
    "import_partner_keys",
    "own_key_list",
    "partner_keys",
    "require_lead",
    "set_up",
    "verify_audit",
]
