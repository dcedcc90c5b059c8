"""Mappings between national formats and the WCO form: notation, static check, compilation, account."""
