"""Code lists, dates, units and identifier schemes: what the engines share."""
