"""What the clients do not show: sign-in, headers, limits, hostile input. Written with requests."""
import base64
import json
import socket
import ssl
from urllib.parse import urlparse

import requests

from checks import DATAVERSE, READY, check, run

API = DATAVERSE + "/api/data/v9.2/"
GOOD = {"Authorization": "Bearer local-test-token"}
IDENTITY = READY["services"]["identity"]


def token(**fields):
    form = {"grant_type": "client_credentials", "client_id": READY["clientId"],
            "client_secret": READY["clientSecret"], "scope": DATAVERSE + "/.default"}
    form.update(fields)
    return requests.post(f"{IDENTITY}/{READY['tenant']}/oauth2/v2.0/token", data=form)


def who(bearer):
    return requests.get(API + "WhoAmI", headers={"Authorization": "Bearer " + bearer})


@check
def every_grant_gives_a_token_that_opens_the_service():
    first = token().json()
    assert who(first["access_token"]).json()["UserId"] == READY["clientId"]
    again = token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert who(again["access_token"]).status_code == 200
    person = token(grant_type="password", username=READY["username"], password=READY["password"]).json()
    assert who(person["access_token"]).json()["UserId"] != READY["clientId"]


@check
def discovery_and_keys_are_there():
    document = requests.get(f"{IDENTITY}/{READY['tenant']}/v2.0/.well-known/openid-configuration").json()
    key = requests.get(document["jwks_uri"]).json()["keys"][0]
    head = token().json()["access_token"].split(".")[0]
    head = json.loads(base64.urlsafe_b64decode(head + "=="))
    assert head["alg"] == "RS256" and head["kid"] == key["kid"]


@check
def bad_tokens_are_refused_with_the_authority():
    assert token(client_secret="wrong").status_code == 401
    good = token().json()["access_token"]
    other = token(scope="https://elsewhere.example/.default").json()["access_token"]
    body = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=") + "." + body[1] + "."
    for bad in [other, none, ".".join(body[:2]) + ".AAAA", "nonsense"]:
        response = who(bad)
        assert response.status_code == 401, bad
        assert "authorization_uri=" in response.headers["WWW-Authenticate"]
    assert requests.get(API + "accounts").status_code == 401


@check
def admin_routes_have_a_token_of_their_own():
    url = DATAVERSE + "/_sim/"
    assert requests.get(url + "state", headers=GOOD).status_code == 401
    admin = {"Authorization": "Bearer " + READY["adminToken"]}
    before = requests.get(url + "state", headers=admin).json()["now"]
    after = requests.post(url + "clock", json={"advanceSeconds": 3600}, headers=admin).json()["now"]
    assert before < after
    fault = {"status": 503, "method": "GET", "path": "/accounts", "retryAfter": 2}
    assert requests.post(url + "fault", json=fault, headers=admin).status_code == 204
    broken = requests.get(API + "accounts?$top=1", headers=GOOD)
    assert (broken.status_code, broken.headers["Retry-After"]) == (503, "2")
    assert requests.get(API + "accounts?$top=1", headers=GOOD).status_code == 200


@check
def links_are_built_from_the_host_of_the_request():
    made = requests.post(API + "accounts", json={"name": "x"}, headers=GOOD)
    assert made.headers["OData-EntityId"].startswith(API + "accounts(")
    assert made.headers["OData-Version"] == "4.0" and made.headers["x-ms-service-request-id"]


@check
def services_that_are_not_simulated_say_so():
    soap = requests.post(DATAVERSE + "/XRMServices/2011/Organization.svc", headers=GOOD)
    finops = requests.get(READY["services"]["finops"] + "/data/CustomersV3")
    for response in (soap, finops):
        assert response.status_code == 501 and "simulator" in response.json()["error"]["message"]


def raw(data, read=True):
    where = urlparse(DATAVERSE)
    stream = socket.create_connection((where.hostname, where.port), timeout=10)
    if where.scheme == "https":
        context = ssl.create_default_context(cafile=READY["certificateAuthority"])
        stream = context.wrap_socket(stream, server_hostname=where.hostname)
    try:
        stream.sendall(data)
        return stream.recv(65536) if read else stream
    except (BrokenPipeError, ConnectionResetError):
        return b""


@check
def hostile_input_is_an_error_or_a_closed_connection_and_the_server_lives():
    large = requests.Session()
    try:
        response = large.post(API + "accounts", data=b"x" * (100 << 20), headers=GOOD)
        assert response.status_code == 413
    except requests.exceptions.ConnectionError:
        pass
    deep = "(" * 10_000 + "name eq 'x'" + ")" * 10_000
    assert requests.get(API + "accounts", params={"$filter": deep}, headers=GOOD).status_code in (400, 414, 431)
    nested = "[" * 100_000
    assert requests.post(API + "accounts", data='{"name":' + nested, headers=GOOD).status_code == 400
    assert requests.post(API + "accounts", data=b'{"name":"\xff\xfe"}', headers=GOOD).status_code == 400
    batch = dict(GOOD, **{"Content-Type": "multipart/mixed; boundary=b"})
    for body in (b"", b"--b", b"--b\r\n\r\nGET", b"--b\r\n" * 5000, b"\xff" * 1000):
        assert requests.post(API + "$batch", data=body, headers=batch).status_code == 400
    assert raw(b"NONSENSE\r\n\r\n")[:12] in (b"", b"HTTP/1.1 400")
    assert raw(b"GET /" + b"a" * 400_000 + b" HTTP/1.1\r\n\r\n")[:10] in (b"", b"HTTP/1.1 4")
    open_ones = [raw(b"GET / HTTP/1.1\r\nX: ", read=False) for _ in range(500)]
    assert requests.get(API + "WhoAmI", headers=GOOD).status_code == 200
    for stream in open_ones:
        if stream:
            stream.close()


run()
