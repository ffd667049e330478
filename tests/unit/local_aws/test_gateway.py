"""The local gateway behaves as API Gateway does, where `chalice local` does not."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.app import Chalice, Response

from infra.gateway import gateway_responses
from local_aws.gateway import Gateway, GatewayServer


def small_app() -> Chalice:
    app = Chalice(app_name="small")

    def current() -> Any:
        return app.current_request

    app.api.binary_types = ["*/*"]

    @app.route("/items/{name}", methods=["GET", "HEAD"])
    def item(name: str) -> Response:
        query = current().query_params
        values = query.getlist("a") if query and "a" in query else []
        return Response(
            json.dumps({"name": name, "a": values}).encode(), {"Content-Type": "application/json"}
        )

    @app.route("/echo", methods=["POST"], content_types=[])
    def echo() -> Response:
        return Response(bytes(current().raw_body), {"Content-Type": "application/octet-stream"})

    @app.route("/large", methods=["GET"])
    def large() -> Response:
        return Response(b"a" * 7_000_000, {"Content-Type": "application/octet-stream"})

    @app.route("/slow/{name}", methods=["GET"])
    def slow(name: str) -> Response:
        gate.wait(timeout=10)
        return Response(current().uri_params["name"].encode(), {"Content-Type": "text/plain"})

    return app


gate = threading.Barrier(8)


@pytest.fixture(scope="module")
def server() -> Iterator[GatewayServer]:
    started = GatewayServer(Gateway(small_app(), gateway_responses()))
    started.start()
    yield started
    started.stop()


def connect(server: GatewayServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)


def ask(
    server: GatewayServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    connection = connect(server)
    connection.request(method, path, body, {"Accept": "*/*", **headers})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def problem(found: tuple[int, bytes]) -> tuple[int, str]:
    return found[0], str(json.loads(found[1])["code"])


def raw(server: GatewayServer, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10) as one:
        one.sendall(data)
        one.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: one.recv(65_536), b""))


def test_path_parameters_arrive_decoded(server: GatewayServer) -> None:
    found: Any = json.loads(ask(server, "GET", "/items/%E6%B7%B1%20%2F")[1])
    assert found["name"] == "深 /"


def test_a_repeated_query_parameter_keeps_all_its_values(server: GatewayServer) -> None:
    assert json.loads(ask(server, "GET", "/items/x?a=1&a=2")[1])["a"] == ["1", "2"]
    assert json.loads(ask(server, "GET", "/items/x")[1])["a"] == []


def test_head_has_no_body(server: GatewayServer) -> None:
    assert raw(
        server, b"HEAD /items/x HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    ).endswith(b"\r\n\r\n")


def test_an_unknown_path_or_method_is_not_found(server: GatewayServer) -> None:
    assert problem(ask(server, "GET", "/nothing")) == (404, "not_found")
    assert problem(ask(server, "DELETE", "/items/x")) == (404, "not_found")
    assert problem(ask(server, "TRACE", "/items/x")) == (404, "not_found")


@pytest.mark.parametrize("size", [0, 1, 100_000, 4_000_000])
def test_a_body_arrives_byte_for_byte(server: GatewayServer, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"\xff" * (size % 256)
    assert ask(server, "POST", "/echo", body) == (200, body)


@pytest.mark.parametrize("size", [5_000_000, 7_000_000, 11_000_000])
def test_a_body_beyond_the_limits_is_refused(server: GatewayServer, size: int) -> None:
    assert problem(ask(server, "POST", "/echo", b"a" * size)) == (413, "request_too_large")


def test_an_answer_beyond_lambdas_limit_is_a_gateway_error(server: GatewayServer) -> None:
    assert problem(ask(server, "GET", "/large")) == (502, "unavailable")


def test_a_chunked_body_arrives(server: GatewayServer) -> None:
    connection = connect(server)
    connection.request("POST", "/echo", iter([b"ab", b"cd"]), {"Accept": "*/*"}, encode_chunked=True)
    assert connection.getresponse().read() == b"abcd"
    connection.close()


def test_a_connection_is_kept(server: GatewayServer) -> None:
    connection = connect(server)
    for number in range(3):
        connection.request("GET", f"/items/{number}", headers={"Accept": "*/*"})
        assert json.loads(connection.getresponse().read())["name"] == str(number)
    connection.close()


@pytest.mark.parametrize(
    "data",
    [
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_no_request_is_answered_and_the_service_goes_on(server: GatewayServer, data: bytes) -> None:
    assert b"400" in raw(server, data)[:20] or b"invalid_request" in raw(server, data)
    assert ask(server, "GET", "/items/x")[0] == 200


def test_headers_have_a_limit(server: GatewayServer) -> None:
    assert ask(server, "GET", "/items/x", None, **{"X-Long": "a" * 9000})[0] == 200
    assert problem(ask(server, "GET", "/items/x", None, **{"X-Long": "a" * 11_000})) == (
        413,
        "request_too_large",
    )


def test_threads_do_not_mix_their_requests_up(server: GatewayServer) -> None:
    answers: dict[int, bytes] = {}

    def one(number: int) -> None:
        answers[number] = ask(server, "GET", f"/slow/{number}")[1]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: str(number).encode() for number in range(8)}
