"""Zhengzhao (证照): a government's electronic-certificate platform that runs with no servers.

Floors, top to bottom; an import only ever points down: api, jobs → bootstrap, settings → adapters → usecases
→ verification → the rules (certificates, catalog, status, units, audit, signing) → kernel.
"""
