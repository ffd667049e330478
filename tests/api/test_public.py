"""What anybody may have: catalog, type metadata, trust, status lists, the interface's own description."""

import csv
import io
import json
import re
from typing import Any

import pytest
from cryptography import x509

from chalicelib.api.endpoint import Endpoint
from chalicelib.api.routes import ENDPOINTS
from chalicelib.kernel.encoding import integrity
from local_aws.city import FOOD, MARKET, TYPES
from local_aws.client import Answer, Client, request
from tests.api.conftest import Office, code

PUBLIC = (
    "/v1/catalog",
    f"/v1/catalog/{FOOD}",
    "/v1/catalog.csv",
    f"/v1/vct/{FOOD}/1",
    "/v1/trust/roots",
    "/v1/trust/certificates",
    "/v1/trust/jwks",
    f"/v1/trust/units/{MARKET}",
    "/v1/trust/crl",
    "/v1/status-lists/1-00",
    "/openapi.json",
    "/docs",
    "/docs/swagger-ui-bundle.js",
)


def get(market: Office, path: str, **headers: str) -> Answer:
    return request("GET", market.base + path, None, headers)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_answer_is_cached_by_its_tag(market: Office, path: str) -> None:
    first = get(market, path)
    assert first.status == 200
    assert first.headers["cache-control"].startswith("public, max-age=")
    again = get(market, path, **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert get(market, path, **{"If-None-Match": '"another"'}).body == first.body


@pytest.mark.parametrize("path", PUBLIC)
def test_head_is_get_without_its_body(market: Office, path: str) -> None:
    head, whole = request("HEAD", market.base + path), get(market, path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/catalog/none",
        "/v1/vct/none/1",
        f"/v1/vct/{FOOD}/999",
        f"/v1/vct/{FOOD}/01",
        f"/v1/vct/{FOOD}/x",
        "/v1/status-lists/none",
        "/v1/trust/units/none",
        "/docs/..%2Fdocs.html",
        "/docs/%2e%2e",
    ],
)
def test_what_is_not_there_is_not_found(market: Office, path: str) -> None:
    answer = get(market, path)
    assert (answer.status, code(answer) in ("not_found", "no_such_type")) == (404, True)


def test_the_catalog_lists_every_type_in_pages(market: Office) -> None:
    seen, after = [], ""
    while True:
        page = get(market, f"/v1/catalog?limit=1&after={after}").json()
        seen += [item["type_code"] for item in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == sorted(entry["type_code"] for entry in TYPES)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=1&limit=2", "after=" + "a" * 30])
def test_a_wrong_query_is_refused(market: Office, query: str) -> None:
    answer = get(market, f"/v1/catalog?{query}")
    assert (answer.status, code(answer)) == (400, "invalid_request")


def test_the_csv_opens_in_a_spreadsheet(market: Office) -> None:
    text = get(market, "/v1/catalog.csv").body.decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    assert {row["type_code"] for row in found} == {entry["type_code"] for entry in TYPES}
    assert "建筑工程施工许可证" in {row["name_zh"] for row in found}


def test_the_type_metadata_is_what_credentials_are_bound_to(market: Office) -> None:
    from chalicelib.kernel.encoding import parse_object
    from chalicelib.signing.jws import parse_jws
    from chalicelib.signing.sd_jwt import parse_sd_jwt

    credential = market.credential(market.issued())
    claims: Any = parse_object(parse_jws(parse_sd_jwt(credential).jws).payload)
    body = request("GET", claims["vct"]).body
    assert integrity(body) == claims["vct#integrity"]
    labels = {claim["path"][0]: claim["display"][0]["label"] for claim in json.loads(body)["claims"]}
    assert labels["holder_name"] == "持证主体"
    assert labels["business_address"] == "经营场所"


def test_the_issuer_named_in_a_credential_answers_with_its_keys(market: Office) -> None:
    found = get(market, f"/v1/trust/units/{MARKET}").json()
    assert found["issuer"] == f"{market.base}/v1/trust/units/{MARKET}"
    assert len(found["jwks"]["keys"]) == 1
    assert "d" not in found["jwks"]["keys"][0]


def test_the_crl_is_der_signed_by_the_root(market: Office) -> None:
    root = x509.load_pem_x509_certificate(get(market, "/v1/trust/roots").body)
    key: Any = root.public_key()
    assert x509.load_der_x509_crl(get(market, "/v1/trust/crl").body).is_signature_valid(key)


def test_binary_answers_do_not_depend_on_the_accept_header(market: Office) -> None:
    plain = get(market, "/v1/trust/crl").body
    assert get(market, "/v1/trust/crl", Accept="text/html").body == plain
    assert get(market, "/v1/trust/crl", Accept="application/pkix-crl").body == plain


def test_the_page_needs_nothing_from_elsewhere(market: Office) -> None:
    page = get(market, "/docs")
    assert not re.search(rb"https?://", page.body)
    assert page.body.count(b'integrity="sha384-') == 3
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy


@pytest.mark.parametrize(
    "endpoint", [one for one in ENDPOINTS if one.entitlement], ids=lambda one: f"{one.method} {one.path}"
)
def test_a_stranger_reaches_nothing_that_is_closed(market: Office, endpoint: Endpoint) -> None:
    path = endpoint.path.replace("{id}", market.collected())
    answer = request(endpoint.method, market.base + path, b"{}" if endpoint.method == "POST" else None)
    assert (answer.status, code(answer)) == (401, "token_missing")


def test_health_says_that_it_answers(market: Office) -> None:
    assert Client(market.base).get("/health").json() == {"status": "ok", "stage": "local"}
