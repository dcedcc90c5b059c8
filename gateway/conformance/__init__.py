"""The conformance kit: plays the other side over HTTP, well and badly, and says what it saw."""
