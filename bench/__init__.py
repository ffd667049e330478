"""Owns the figures: what the paths of docs/ARCHITECTURE.md cost on this machine. Each module has one `run()`."""
