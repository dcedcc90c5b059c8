"""Formats: a schema and a short head; structure, codec, JSON form, path dictionary and generator are derived."""
