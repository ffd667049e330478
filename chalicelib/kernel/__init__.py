"""Owns what every rule speaks in: errors, identifiers, time, text, canonical JSON, encodings.

Does not own any rule of the regulation, and imports nothing of ours.
Keeps: an identifier that exists as a value is valid; time is aware UTC and comes from a port.
"""
