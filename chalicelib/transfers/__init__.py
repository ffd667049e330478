"""Owns the hand-over (移交, art. 12): what a transfer to the archives bureau contains, its manifest, paths, faces and proofs.

Does not own BagIt files and archives (adapters), the choice of what is handed over, or its verification (cli).
Keeps: every file of a package stands in its manifest with its SHA-256; the manifest is free of personal data.
"""
