"""Owns how ports meet the world: DynamoDB, KMS, S3, Lambda, the clock, the OIDC issuer.

Does not own a rule: an adapter translates, and states durability, idempotency and errors as its port does.
Keeps: every write conditional, every client with timeouts, personal fields sealed before they leave the process.
"""
