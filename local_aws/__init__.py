"""Owns the local AWS: the emulator and its corrections, the loader of `infra/`, the gateway, seed and demo.

Does not own anything that a stage runs: nothing in `chalicelib` knows whether it is local.
Keeps: tables, buckets and keys come from the very template that a stage is deployed from.
"""
