"""The house rules, held by reading the source: sizes, names, bans, floors' leftovers, pins, compliance.

Each rule is a function from one source to its offences; each has a twin that gives it a violating sample, so that a
rule which stopped seeing anything fails too. Import floors themselves are import-linter's (`.importlinter`).
"""
