"""Owns the command line `zhengzhao`: what auditors, administrators and strangers run.

Does not own rules: it reads files, calls `verification` and the use cases, and prints.
Keeps: `verify` needs no AWS account, no network unless asked, and never shows a traceback.
"""
