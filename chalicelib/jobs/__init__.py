"""Owns the bodies of stream, schedule and function handlers: unpack the event, call a use case, pack the answer.

Does not own rules, nor retries (the triggers' settings in `infra/` say them).
Keeps: every message can arrive twice, late or out of order, and one bad record does not hold up the others.
"""
