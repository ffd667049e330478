"""Digests stamped by a time-stamping authority over HTTP, checked offline; what does not verify is never handed on."""

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.rfc3161_authority import (
    Rfc3161Authority,
    parse_authority,
    read_roots,
    verify_timestamp,
)
from chalicelib.audit.anchors import AnchorFailed, AnchorUnavailable, AnchorUntrue
from tests.fakes.answering import answering
from tests.fakes.timestamping import REPLY, LocalTimestamps, fresh_key

pytestmark = pytest.mark.needs_openssl

DIGEST = hashlib.sha256(b"zz.example.cn/log\n1002\n").digest()
OTHER = hashlib.sha256(b"zz.example.cn/log\n1003\n").digest()


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> LocalTimestamps:
    return LocalTimestamps(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> LocalTimestamps:
    return LocalTimestamps(tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def address(tsa: LocalTimestamps) -> Iterator[str]:
    with tsa.serving() as url:
        yield url


@pytest.fixture(scope="module")
def token(tsa: LocalTimestamps) -> bytes:
    return tsa.reply(tsa.query(DIGEST))


def proves(token: bytes, digest: bytes, *roots: Certificate) -> bool:
    return verify_timestamp(token, digest, roots) <= datetime.now(UTC)


# -- an authority that does its duty


def test_a_digest_is_stamped_and_the_token_proves_when(tsa: LocalTimestamps, address: str) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    stamped = Rfc3161Authority(address, [tsa.root]).timestamp(DIGEST)
    at = verify_timestamp(stamped, DIGEST, [tsa.root])
    assert at.tzinfo is UTC
    assert before <= at <= datetime.now(UTC)


def test_openssl_accepts_the_token_too_and_for_that_digest_only(tsa: LocalTimestamps, address: str) -> None:
    stamped = Rfc3161Authority(address, [tsa.root]).timestamp(DIGEST)
    assert tsa.accepts(stamped, DIGEST)
    assert not tsa.accepts(stamped, OTHER)


def test_the_request_is_over_the_digest_itself_and_asks_for_the_certificates(
    tsa: LocalTimestamps, address: str
) -> None:
    Rfc3161Authority(address, [tsa.root]).timestamp(DIGEST)
    Rfc3161Authority(address, [tsa.root]).timestamp(DIGEST)
    first, second = tsa.queries[-2:]
    assert first != second  # another nonce
    (tsa.folder / "asked").write_bytes(first)
    text = tsa.openssl("ts", "-query", "-in", "asked", "-text").decode()
    assert "Hash Algorithm: sha256" in text
    assert "Certificate required: yes" in text
    assert "Nonce: 0x" in text
    assert DIGEST in first


# -- what proves nothing


def test_a_token_proves_one_digest_and_no_other(tsa: LocalTimestamps, token: bytes) -> None:
    assert proves(token, DIGEST, tsa.root)
    with pytest.raises(ValueError, match="Mismatch between messages"):
        verify_timestamp(token, OTHER, [tsa.root])


def test_a_token_is_worth_nothing_under_another_root(
    tsa: LocalTimestamps, stranger: LocalTimestamps, token: bytes
) -> None:
    assert proves(token, DIGEST, tsa.root)
    with pytest.raises(ValueError, match="does not verify"):
        verify_timestamp(token, DIGEST, [stranger.root])
    with pytest.raises(ValueError, match="root certificate"):
        verify_timestamp(token, DIGEST, [])


def test_of_two_roots_by_one_name_either_will_do(
    tsa: LocalTimestamps, stranger: LocalTimestamps, token: bytes
) -> None:
    assert tsa.root.subject == stranger.root.subject
    assert proves(token, DIGEST, stranger.root, tsa.root)
    assert proves(token, DIGEST, tsa.root, stranger.root)


def test_a_certificate_between_may_be_given_with_the_root_but_not_for_it(tsa: LocalTimestamps) -> None:
    key = fresh_key()
    between = tsa.authority("between", key)
    tsa.enrol("remote", ExtendedKeyUsageOID.TIME_STAMPING, timedelta(days=1), "between", key)
    stamped = tsa.signed_by("remote", DIGEST)
    assert proves(stamped, DIGEST, between, tsa.root)
    with pytest.raises(ValueError, match="does not verify"):
        verify_timestamp(stamped, DIGEST, [tsa.root])
    with pytest.raises(ValueError, match="no root certificate"):
        verify_timestamp(stamped, DIGEST, [between])


def test_only_a_certificate_for_time_stamping_may_stamp(tsa: LocalTimestamps) -> None:
    for name, purpose in (
        ("colleague", ExtendedKeyUsageOID.TIME_STAMPING),
        ("web", ExtendedKeyUsageOID.SERVER_AUTH),
    ):
        tsa.enrol(name, purpose, timedelta(days=1))
    assert proves(tsa.signed_by("colleague", DIGEST), DIGEST, tsa.root)
    with pytest.raises(ValueError, match="does not verify"):
        verify_timestamp(tsa.signed_by("web", DIGEST), DIGEST, [tsa.root])


def test_the_chain_must_be_valid_at_the_time_that_is_stated(tsa: LocalTimestamps) -> None:
    tsa.enrol("expired", ExtendedKeyUsageOID.TIME_STAMPING, timedelta(minutes=-1))
    with pytest.raises(ValueError, match="expired"):
        verify_timestamp(tsa.signed_by("expired", DIGEST), DIGEST, [tsa.root])


def test_a_token_outlives_its_certificate(tsa: LocalTimestamps) -> None:
    tsa.enrol("brief", ExtendedKeyUsageOID.TIME_STAMPING, timedelta(seconds=2))
    stamped = tsa.signed_by("brief", DIGEST)
    stated = verify_timestamp(stamped, DIGEST, [tsa.root])
    time.sleep(3)
    assert verify_timestamp(stamped, DIGEST, [tsa.root]) == stated


def test_a_digest_of_another_kind_is_not_taken_for_ours(tsa: LocalTimestamps) -> None:
    wide = hashlib.sha512(b"x").digest()
    with pytest.raises(ValueError, match="another kind of digest"):
        verify_timestamp(tsa.reply(tsa.query(wide, "-sha512")), wide[:32], [tsa.root])
    with pytest.raises(ValueError, match="not a SHA-256 digest"):
        verify_timestamp(tsa.reply(tsa.query(wide, "-sha512")), wide, [tsa.root])


def test_a_rejection_proves_nothing(tsa: LocalTimestamps) -> None:
    rejection = tsa.reply(tsa.query(bytes(20), "-sha1"))
    with pytest.raises(ValueError, match="does not verify"):
        verify_timestamp(rejection, bytes(32), [tsa.root])


@given(data=st.data())
def test_a_token_with_one_byte_changed_proves_nothing_or_the_same(
    tsa: LocalTimestamps, token: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(token) - 1))
    changed = token[:at] + bytes([token[at] ^ data.draw(st.integers(1, 255))]) + token[at + 1 :]
    stated = verify_timestamp(token, DIGEST, [tsa.root])
    with contextlib.suppress(ValueError):
        assert verify_timestamp(changed, DIGEST, [tsa.root]) == stated


@given(garbage=st.binary(max_size=300))
def test_garbage_proves_nothing(tsa: LocalTimestamps, garbage: bytes) -> None:
    with pytest.raises(ValueError, match="does not verify"):
        verify_timestamp(garbage, DIGEST, [tsa.root])


# -- an authority that does not


def failure(tsa: LocalTimestamps, answer: Callable[[bytes], tuple[int, bytes]]) -> AnchorFailed:
    def told(_method: str, _path: str, body: bytes) -> tuple[int, str, bytes]:
        status, sent = answer(body)
        return status, REPLY, sent

    with answering(told) as url, pytest.raises(AnchorFailed) as raised:
        Rfc3161Authority(url, [tsa.root]).timestamp(DIGEST)
    assert raised.value.facts[0] == url
    return raised.value


def test_an_old_answer_is_not_taken_for_a_new_one(tsa: LocalTimestamps, token: bytes) -> None:
    assert proves(token, DIGEST, tsa.root)
    found = failure(tsa, lambda _: (200, token))
    assert isinstance(found, AnchorUntrue)
    assert "Nonce" in str(found)


def test_an_answer_about_something_else_is_untrue(tsa: LocalTimestamps) -> None:
    assert isinstance(failure(tsa, lambda body: (200, tsa.reply(body.replace(DIGEST, OTHER)))), AnchorUntrue)


def test_an_answer_by_a_stranger_is_untrue(tsa: LocalTimestamps, stranger: LocalTimestamps) -> None:
    assert isinstance(failure(tsa, lambda body: (200, stranger.reply(body))), AnchorUntrue)


@pytest.mark.parametrize("body", [b"", b"<html>", bytes(5000)])
def test_garbage_is_untrue(tsa: LocalTimestamps, body: bytes) -> None:
    assert isinstance(failure(tsa, lambda _: (200, body)), AnchorUntrue)


@pytest.mark.parametrize("status", [302, 404, 500, 503])
def test_any_other_status_is_no_answer_whatever_comes_with_it(tsa: LocalTimestamps, status: int) -> None:
    assert isinstance(failure(tsa, lambda body: (status, tsa.reply(body))), AnchorUnavailable)


def test_an_answer_without_end_is_not_read_to_its_end(tsa: LocalTimestamps) -> None:
    assert isinstance(failure(tsa, lambda _: (200, bytes(70_000))), AnchorUnavailable)


def test_an_authority_that_is_down_is_told_of(tsa: LocalTimestamps) -> None:
    with pytest.raises(AnchorUnavailable, match="ConnectionRefusedError"):
        Rfc3161Authority("http://127.0.0.1:1/tsr", [tsa.root]).timestamp(DIGEST)


@pytest.mark.parametrize("drip", [5.0, 0.05])
def test_a_slow_authority_is_left_behind(tsa: LocalTimestamps, drip: float) -> None:
    with answering(lambda _method, _path, body: (200, REPLY, tsa.reply(body)), drip) as url:
        begun = time.monotonic()
        with pytest.raises(AnchorUnavailable):
            Rfc3161Authority(url, [tsa.root], timeout=0.6).timestamp(DIGEST)
        assert time.monotonic() - begun < 2


def test_what_is_no_digest_is_not_sent(tsa: LocalTimestamps) -> None:
    with pytest.raises(ValueError, match="not a SHA-256 digest"):
        Rfc3161Authority("http://127.0.0.1:1/tsr", [tsa.root]).timestamp(b"too short")


# -- configuration


def test_roots_are_read_from_text_or_file(tsa: LocalTimestamps, stranger: LocalTimestamps) -> None:
    pem = "".join(one.root.public_bytes(Encoding.PEM).decode() for one in (tsa, stranger))
    assert read_roots(pem) == (tsa.root, stranger.root)
    assert read_roots(str(tsa.folder / "root.pem")) == (tsa.root,)


def test_what_holds_no_root_is_refused(tsa: LocalTimestamps, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    (tmp_path / "key").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    tsa.authority("between", fresh_key())
    (tmp_path / "between").write_bytes((tsa.folder / "between.pem").read_bytes())
    for name in ("empty", "key", "between"):
        with pytest.raises(ValueError, match=r".+"):
            read_roots(str(tmp_path / name))
    with pytest.raises(FileNotFoundError):
        read_roots(str(tmp_path / "absent"))


def test_an_authority_is_configured_by_address_and_roots(tsa: LocalTimestamps, address: str) -> None:
    configured = parse_authority(f"{address}/ ", str(tsa.folder / "root.pem"))
    assert configured is not None
    assert proves(configured.timestamp(DIGEST), DIGEST, tsa.root)


def test_no_authority_is_the_default() -> None:
    assert parse_authority("", "") is None
    assert parse_authority(" ", "anything") is None


def test_an_authority_without_roots_or_of_no_web_address_is_refused(tsa: LocalTimestamps) -> None:
    with pytest.raises(ValueError, match="proves nothing"):
        parse_authority("https://tsa.example", " ")
    with pytest.raises(ValueError, match="not an https address"):
        parse_authority("ftp://tsa.example", str(tsa.folder / "root.pem"))
