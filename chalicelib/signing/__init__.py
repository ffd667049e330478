"""Owns what is signed and how: suites, JOSE encoding, SD-JWT VC, the X.509 profile, access tokens' bytes.

Does not own keys (KMS does, behind `ports.Signer`), nor who may ask for a signature (use cases and roles).
Keeps: invariant 1, only the exact linted bytes are signed; what is signed verifies in other people's software.
"""
