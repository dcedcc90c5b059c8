"""Reading mapping tables: cells, heads, conditions, templates and arguments into the model, with every fault listed."""
