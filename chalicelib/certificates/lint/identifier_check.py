"""The certificate identifier is well formed and its check character is right."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import CertificateIdentifier


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    try:
        CertificateIdentifier.parse(str(draft.visible.get("certificate_identifier")))
    except Invalid:
        return False
    return True


RULE = Rule(
    "identifier_check",
    "GB/T 36904 (modelled on) · ISO/IEC 7064 MOD 37,36",
    "电子证照标识的结构和校验位正确",
    "The certificate identifier is well formed and its check character is right",
    keeps,
)
