"""Owns the acts of the regulation, one a file, verb first: check, prepare, archive, commit with the log entry.

Does not own the rules themselves (the packages below) nor transport (api, jobs).
Keeps: archive first, then valid; no act without its entry; a rerun finishes what a crash left.
"""
