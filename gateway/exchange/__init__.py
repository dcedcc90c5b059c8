"""The words of the gateway: exchanges, messages, states and audit tags."""
