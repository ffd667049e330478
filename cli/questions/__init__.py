"""Owns the ready questions: one .sql file each, the same text for the laptop (DuckDB) and for AWS (Athena).

Does not own how they are asked (cli/audit_query.py) or deployed (infra/analytics.py).
Keeps: parameters are bound by their place, in WHERE alone (all that Athena allows), and never pasted into the text.
"""
