"""`PersonalTexts`: one suite for the fake and for S3 on the local AWS."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.s3_texts import S3Texts
from chalicelib.adapters.sealing import Sealer
from chalicelib.audit.personal import Personal, PersonalTexts, Text
from chalicelib.kernel.errors import DomainError
from tests.fakes.texts import InMemoryTexts

pytestmark = pytest.mark.aws
SUBJECT, OTHER = "a" * 64, "b" * 64
SAID = "持证人王·某已去世𠮷"


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"texts-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def in_s3(s3: Any, bucket: str) -> S3Texts:
    return S3Texts(s3, bucket, Sealer(lambda: b"s" * 32))


@pytest.fixture(params=["memory", "s3"])
def texts(request: pytest.FixtureRequest) -> PersonalTexts:
    return InMemoryTexts() if request.param == "memory" else request.getfixturevalue("in_s3")


def test_a_text_is_read_back_by_its_entry(texts: PersonalTexts) -> None:
    personal = texts.keep("entry-1", Text(SUBJECT, SAID))
    assert personal.subject == SUBJECT
    assert texts.text("entry-1", personal) == SAID
    assert texts.text("entry-2", personal) is None


def test_the_same_text_twice_has_two_digests(texts: PersonalTexts) -> None:
    first, second = (texts.keep(name, Text(SUBJECT, SAID)) for name in ("entry-1", "entry-2"))
    assert first.digest != second.digest


def test_a_text_that_is_not_the_entrys_is_refused(texts: PersonalTexts) -> None:
    texts.keep("entry-1", Text(SUBJECT, SAID))
    with pytest.raises(DomainError, match="record_damaged"):
        texts.text("entry-1", Personal(SUBJECT, "0" * 64))


def test_erasing_takes_one_subjects_texts_and_no_other(texts: PersonalTexts) -> None:
    mine = [texts.keep(name, Text(SUBJECT, SAID)) for name in ("entry-1", "entry-2")]
    theirs = texts.keep("entry-3", Text(OTHER, SAID))
    held = texts.held(SUBJECT)
    assert sorted(held) == ["entry-1", "entry-2"]
    for _ in range(2):
        texts.erase(SUBJECT, held)
        assert [texts.text(f"entry-{at}", one) for at, one in enumerate(mine, 1)] == [None, None]
        assert texts.held(SUBJECT) == []
    assert texts.text("entry-3", theirs) == SAID


def test_nothing_in_the_bucket_says_the_text_and_nothing_is_replaced(
    s3: Any, bucket: str, in_s3: S3Texts
) -> None:
    personal = in_s3.keep("entry-1", Text(SUBJECT, SAID))
    stored = s3.get_object(Bucket=bucket, Key=f"personal/{SUBJECT}/entry-1")["Body"].read()
    assert SAID.encode() not in stored
    with pytest.raises(ClientError, match="PreconditionFailed"):
        in_s3.keep("entry-1", Text(SUBJECT, "another"))
    assert in_s3.text("entry-1", personal) == SAID


def test_a_text_moved_to_another_entry_is_refused(s3: Any, bucket: str, in_s3: S3Texts) -> None:
    personal = in_s3.keep("entry-1", Text(SUBJECT, SAID))
    moved = s3.get_object(Bucket=bucket, Key=f"personal/{SUBJECT}/entry-1")["Body"].read()
    s3.put_object(Bucket=bucket, Key=f"personal/{SUBJECT}/entry-2", Body=moved)
    with pytest.raises(DomainError, match="record_damaged"):
        in_s3.text("entry-2", personal)


def test_a_bucket_that_is_not_there_is_no_erasure(s3: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        S3Texts(s3, "texts-nowhere", Sealer(lambda: b"s" * 32)).text("entry-1", Personal(SUBJECT, "0" * 64))
