"""The stages of a message, inbound and outbound, and the dispatcher."""
