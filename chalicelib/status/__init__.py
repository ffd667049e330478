"""Owns status lists: slots, the 2-bit values, the packed list and its token's claims (IETF Token Status List).

Does not own the life cycle that decides a status (certificates), nor signatures (signing).
Keeps: invariant 8, and that neighbours in a list tell nothing: slots are drawn at random.
"""
