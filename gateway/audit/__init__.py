"""The tamper-evident log: entries, Merkle tree, signed checkpoints, and what verifies them."""
