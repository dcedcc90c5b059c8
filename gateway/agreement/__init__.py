"""Agreements as code: what may be exchanged, for what purpose, and the fields that are released."""
