"""A partner's side as a thin process over the same data folders."""
