"""Puts a gateway together from its settings: the only place that knows every concrete class."""

from gateway.bootstrap.building import Outside, build_gateway, verify_audit
from gateway.bootstrap.setting_up import (
    PARTNER_KEYS,
    home_of,
    import_partner_keys,
    own_key_list,
    partner_keys,
    set_up,
)

__all__ = [
    "PARTNER_KEYS",
    "Outside",
    "build_gateway",
    "home_of",
    "import_partner_keys",
    "own_key_list",
    "partner_keys",
    "set_up",
    "verify_audit",
]
