"""Owns the certificate: submission, life cycle, precertificate and its lint, retention, archive keys.

Does not own signatures (signing), status lists (status), or who may act (units).
Keeps: invariants 1, 2 and 7 in one state table; collector and reviewer are two people.
"""
