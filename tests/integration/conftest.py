"""The same emulator as the contract tests'."""

from tests.contract.conftest import aws, endpoint_url

__all__ = ["aws", "endpoint_url"]
