"""iss is the URI of the issuing unit, which its X.509 certificate carries too."""

from chalicelib.certificates.claims import issuer_url
from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    return draft.visible.get("iss") == issuer_url(draft.base_url, draft.issuer)


RULE = Rule(
    "issuer_named",
    "SD-JWT VC §3.2.2.2 · RFC 7519 §4.1.1",
    "iss 为签发单位的 URI",
    "iss is the URI of the issuing unit",
    keeps,
)
