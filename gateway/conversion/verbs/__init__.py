"""The verbs on single texts: pure functions, forward (to WCO) and back, each with what it loses."""
