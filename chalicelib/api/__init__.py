"""Owns HTTP: resources, their models, problem documents, OpenAPI. One table of endpoints drives all of it.

Does not own rules: a handler parses, calls one use case, and answers.
Keeps: default deny (an endpoint without an act is public by declaration); nothing of an error leaks but its code.
"""
