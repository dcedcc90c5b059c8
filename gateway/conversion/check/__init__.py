"""The static check of a mapping: what can be known before any message comes.

It proves, for each row and file: every source leaf has a home or a reason to be dropped, every mandatory target has a
row, in every combination of cases; what is copied fits; code lists cover what the schema enumerates; two rows never
write one place; rows that work both ways can be undone; echoes can be computed; no row declares less loss than it has.
That paths exist and repeating steps are lined up is found earlier, when the table is loaded.
"""

from gateway.conversion.check.table import check_table

__all__ = ["check_table"]
