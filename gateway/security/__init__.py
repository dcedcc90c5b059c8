"""Seal and open: compact JWS over the raw bytes inside compact JWE, with a key policy."""
