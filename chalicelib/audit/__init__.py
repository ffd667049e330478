"""Owns the log entry and the journal: the only way to change anything, because no act commits without its entry.

Does not own sealing (later), nor what the changes mean (each rule package names its own).
Keeps: invariants 3 and 7. A write without an entry cannot be spelled.
"""
