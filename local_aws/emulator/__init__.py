"""Owns the local AWS itself: moto in a process of its own, corrected where it errs and our guarantees rest on it.

Does not own what is created in it (`loader`), nor anything of the product.
Keeps: it behaves as AWS documents; each correction has a contract test that describes AWS, not us.
"""
