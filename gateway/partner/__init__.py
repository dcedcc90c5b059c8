"""Partners: profiles, and which of their keys count when."""
