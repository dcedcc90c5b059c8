"""Parts of the instance generator; `gateway.formats.generator` is the door."""
