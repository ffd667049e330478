"""Owns what a stage is made of: tables, buckets, keys, queues, functions, roles, the gateway's own answers.

Does not own code that runs in it. The local AWS is created from the very template that a stage is deployed from.
Keeps: invariant 4 in policy, and least privilege: every permission is named here, for one role, on one resource.
"""
