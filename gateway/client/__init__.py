"""What a partner needs to exchange messages with a gateway."""
