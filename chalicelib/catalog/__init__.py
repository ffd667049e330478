"""Owns the catalog (目录): entries per certificate type, versioned; their schema, labels and public type metadata.

Does not own certificates made under an entry; those stay under the version they were prepared with.
Keeps: a published version never changes, so `vct#integrity` holds for ever; a state-secret type never enters (art. 3).
"""
