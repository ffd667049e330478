"""Owns the answer to "is this genuine?", from bytes and trust anchors alone: auditors and strangers use it too.

Does not own storage, network or a clock: whoever asks brings the moment, the status list, the CRL.
Keeps: every check is made and reported; a verdict is a value, never an exception.
"""
