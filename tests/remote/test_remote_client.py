"""The client against a server on this machine: calls, retries, limits, redirects, downloads, secrets that stay in."""

import datetime as dt
import logging

import pytest

from frontrow.errors import CredentialError, RemoteError, SettingError
from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.client import ApiClient, ClientSettings
from frontrow.remote.retries import RetrySettings
from frontrow.remote.secrets import Secret
from frontrow.remote.timing import Timing
from frontrow.testing.loopback.exchange import Fault, Reply, serve_bytes, throttle
from frontrow.testing.loopback.server import LoopbackServer

TOKEN = "tok-5f0c2a77-never-shown"
ALLOWED = AllowedCalls((("GET", "/orders"), ("POST", "/jobs"), ("GET", "/members/{hash}")))
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def server():
    with LoopbackServer() as server:
        server.add_route("GET", "/orders", lambda _: Reply({"orders": [1]}))
        server.add_route("POST", "/jobs", lambda request: Reply({"id": request.json()["name"]}, 202))
        yield server


class Clock:
    """Time that passes only by waiting."""

    def __init__(self):
        self.seconds, self.waits = 0.0, []

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.seconds += seconds

    @property
    def timing(self):
        return Timing(lambda: self.seconds, self.sleep, lambda: NOW + dt.timedelta(seconds=self.seconds))


@pytest.fixture
def clock():
    return Clock()


def open_client(server, clock, **changes):
    settings = {
        "headers": {"X-Token": Secret(TOKEN)},
        "params": {"key": Secret(TOKEN)},
        "timeout_seconds": 5,
        **changes,
    }
    return ApiClient(ClientSettings(server.url, "The shop", ALLOWED, **settings), clock.timing)


def test_a_call_is_answered_and_carries_its_secrets(server, clock):
    with open_client(server, clock) as client:
        answer = client.request("GET", "/orders", params={"page": 2})
    assert answer.json() == {"orders": [1]}
    assert server.requests[0].params == {"key": TOKEN, "page": "2"}
    assert server.requests[0].headers["x-token"] == TOKEN
    assert server.requests[0].headers["user-agent"].startswith("frontrow/")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/orders"),
        ("GET", "/customers"),
        ("POST", "/orders"),
        ("GET", "/members/../orders"),
        ("GET", "/members/.."),
    ],
)
def test_what_is_not_listed_is_not_sent(server, clock, method, path):
    with open_client(server, clock) as client, pytest.raises(RemoteError, match="does not make this call"):
        client.request(method, path)
    assert not server.requests


def test_a_busy_service_is_asked_again_when_it_says(server, clock):
    server.add_fault(throttle("7"))
    server.add_fault(throttle("Sun, 01 Mar 2026 00:00:30 GMT", skip=0))
    server.add_fault(Fault(status=503, times=2))
    with open_client(server, clock) as client:
        client.request("GET", "/orders")
    assert clock.waits[:2] == [7.0, 23.0]
    assert 2.0 <= clock.waits[2] <= 4.0 <= 2 * clock.waits[3]
    assert len(server.requests) == 5


def test_a_service_that_stays_busy_is_left_alone(server, clock):
    server.add_fault(Fault(status=503, times=100))
    with open_client(server, clock, retries=RetrySettings(attempts=3)) as client, pytest.raises(RemoteError) as caught:
        client.request("GET", "/orders")
    assert "GET /orders in 3 attempts (status 503)" in str(caught.value)
    assert len(server.requests) == 3


def test_a_long_wait_is_left_to_the_person(server, clock):
    server.add_fault(throttle("7200"))
    with open_client(server, clock) as client, pytest.raises(RemoteError, match="asks to wait 120 minutes"):
        client.request("GET", "/orders")
    assert clock.waits == []


@pytest.mark.parametrize("fault", [Fault(cut_after=-1), Fault(cut_after=3), Fault(seconds=0.4)])
def test_a_read_that_was_cut_is_repeated_and_a_change_is_not(server, clock, fault):
    server.add_fault(fault)
    with open_client(server, clock, timeout_seconds=0.2) as client:
        assert client.request("GET", "/orders").json() == {"orders": [1]}
    server.requests.clear()
    server.add_fault(Fault(cut_after=-1))
    with open_client(server, clock) as client, pytest.raises(RemoteError, match="did not answer POST /jobs"):
        client.request("POST", "/jobs", json={"name": "a"}, expect=(202,))
    assert len(server.requests) == 1


def test_a_change_is_repeated_where_nothing_was_done_or_it_does_no_harm(server, clock):
    server.add_fault(throttle("1"))
    server.add_fault(Fault(cut_after=-1))
    with open_client(server, clock) as client:
        answer = client.request("POST", "/jobs", json={"name": "a"}, expect=(202,), repeatable=True)
    assert answer.json() == {"id": "a"}
    assert len(server.requests) == 3


def test_requests_are_no_faster_than_allowed(server, clock):
    with open_client(server, clock, requests_per_second=4) as client:
        for _ in range(5):
            client.request("GET", "/orders")
    assert clock.seconds == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [(401, CredentialError, "expired"), (403, CredentialError, "scope"), (404, RemoteError, "status 404")],
)
def test_a_refusal_says_what_to_do(server, clock, status, error, words):
    server.add_fault(Fault(status=status, body={"email": "ann@example.com"}))
    with open_client(server, clock) as client, pytest.raises(error, match=words) as caught:
        client.request("GET", "/members/0cc175b9c0f1b6a831c399e269772661")
    assert "GET /members/{hash}" in str(caught.value)
    assert "example.com" not in str(caught.value)


def test_what_is_no_json_or_too_long_is_refused(server, clock):
    server.add_route("GET", "/orders", lambda _: Reply(b"<html>Sign in</html>"))
    with open_client(server, clock) as client, pytest.raises(RemoteError, match="no JSON"):
        client.request("GET", "/orders").json()
    with open_client(server, clock, most_bytes=10) as client, pytest.raises(RemoteError, match="more than"):
        client.request("GET", "/orders")


def test_redirects_stay_on_the_service_and_on_allowed_calls(server, clock):
    server.add_route("GET", "/members/{hash}", lambda _: Reply(status=302, headers={"Location": "/orders"}))
    with open_client(server, clock) as client:
        assert client.request("GET", "/members/a").json() == {"orders": [1]}
        for place, words in (
            ("/customers", "does not make"),
            ("https://other.example/orders", "https://other.example"),
        ):
            server.add_fault(Fault(status=301, headers={"Location": place}))
            with pytest.raises(RemoteError, match=words):
                client.request("GET", "/orders")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://shop.example", "unencrypted"),
        ("https://user:pw@shop.example", "user, a password"),
        ("https://shop.example?key=1", "a query"),
        ("ftp://shop.example", "no web address"),
        ("shop.example", "no web address"),
    ],
)
def test_an_address_that_would_give_secrets_away_is_refused(url, words):
    with pytest.raises(SettingError, match=words) as caught:
        ApiClient(ClientSettings(url, "The shop", ALLOWED))
    assert "pw" not in str(caught.value)


CONTENT = bytes(range(256)) * 5000


def test_a_download_goes_on_where_it_was_cut_and_carries_no_secret(server, clock, tmp_path):
    server.add_route("GET", "/bulk", lambda request: serve_bytes(request, CONTENT, '"1"'))
    server.add_fault(Fault(path="/bulk", cut_after=1_000_000))
    with open_client(server, clock) as client:
        client.download(f"{server.url}/bulk?signature=abc", tmp_path / "bulk.jsonl")
    assert (tmp_path / "bulk.jsonl").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["bulk.jsonl"]
    assert (tmp_path / "bulk.jsonl").stat().st_mode & 0o777 == 0o600
    first, second = server.requests
    assert int(second.headers["range"].removeprefix("bytes=").removesuffix("-")) > 0
    assert TOKEN not in str(first) + str(second)


def test_a_part_of_another_state_is_thrown_away(server, clock, tmp_path):
    server.add_route("GET", "/bulk", lambda request: serve_bytes(request, CONTENT, '"2"'))
    (tmp_path / "bulk.part").write_bytes(b"old" * 100)
    (tmp_path / "bulk.state").write_text('"1"')
    with open_client(server, clock) as client:
        client.download(f"{server.url}/bulk", tmp_path / "bulk")
    assert (tmp_path / "bulk").read_bytes() == CONTENT


@pytest.mark.parametrize("status", [403, 404])
def test_a_download_that_is_gone_is_an_error_without_its_address(server, clock, tmp_path, status):
    server.add_route("GET", "/bulk", lambda _: Reply(status=status))
    with open_client(server, clock) as client, pytest.raises(RemoteError, match=f"status {status}") as caught:
        client.download(f"{server.url}/bulk?signature=abc", tmp_path / "bulk")
    assert "abc" not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("url", ["http://shop.example/a", "https://user:pw@shop.example/a", "file:///etc/passwd"])
def test_a_download_leads_to_no_odd_place(server, clock, tmp_path, url):
    with open_client(server, clock) as client, pytest.raises(RemoteError):
        client.download(url, tmp_path / "bulk")


def test_a_service_elsewhere_cannot_lead_to_this_machine(server, clock, tmp_path):
    settings = ClientSettings("https://shop.example", "The shop", ALLOWED)
    with ApiClient(settings, clock.timing) as client:
        for url in (f"{server.url}/a", "https://localhost/a", "https://169.254.169.254/a", "https://[::1]/a"):
            with pytest.raises(RemoteError, match="does not follow"):
                client.download(url, tmp_path / "bulk")


def test_nothing_of_a_request_is_logged(server, clock, caplog):
    server.add_fault(Fault(cut_after=-1, times=100))
    with caplog.at_level(logging.DEBUG), open_client(server, clock) as client, pytest.raises(RemoteError) as caught:
        client.request("GET", "/orders")
    assert TOKEN not in caplog.text
    assert "http" not in {record.name.partition(".")[0][:4] for record in caplog.records}
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_secret_that_no_header_can_carry_is_refused_without_showing_it(server, clock):
    headers = {"X-Token": Secret(f"{TOKEN}é")}
    refused = pytest.raises(CredentialError, match="letter with an accent")
    with open_client(server, clock, headers=headers) as client, refused as caught:
        client.request("GET", "/orders")
    assert TOKEN not in str(caught.value)
    assert not server.requests
