"""What touches the outside: SQL store, key files, HTTP channel."""
