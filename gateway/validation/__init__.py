"""The verdict on a message: safe parsing, schema, rules, and findings that teach."""
