"""Sarhad: the gateway of a customs administration for data exchange under bilateral agreements."""
