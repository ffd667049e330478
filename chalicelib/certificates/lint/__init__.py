"""Owns the rules that a precertificate must keep before anything is signed (A4.1), one a file, each citing its clause.

Does not own how a precertificate is built, nor what is done about a finding.
Keeps: invariant 1. A precertificate that breaks any one rule is never signed.
"""
