"""Owns who there is: units, their systems and people with posts, their X.509 certificates; and who may do what.

Does not own tokens' bytes (signing) nor what an act does (certificates, catalog).
Keeps: invariant 9, and default deny: what the table in `authorisation` does not name is refused.
"""
