"""Fetching a published image, from a server of this computer: whole, with the right hash, or not at all."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import http.client
import http.server
import ipaddress
import ssl
import threading

import pytest

from surefoot.flash import published
from surefoot.flash.build import boards
from surefoot.flash.published import PUBLISHED, Published, check_hash, fetched, image_of
from surefoot.flash.trouble import ImageError

IMAGE = bytes(range(256)) * 1000
HASH = hashlib.sha256(IMAGE).hexdigest()
NAME = "ESP32_GENERIC-20990101-v9.9.9.bin"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        what = self.path.strip("/").partition("/")[0]
        if what == "missing":
            self.send_error(404)
            return
        if what in ("away", "nearby"):
            self.send_response(302)
            self.send_header("Location", f"http://{self.headers['Host']}/" if what == "away" else f"/whole/{NAME}")
            self.end_headers()
            return
        body = {"whole": IMAGE, "short": IMAGE, "other": IMAGE[::-1], "huge": b"\0" * (published.LARGEST + 1)}[what]
        self.send_response(200)
        if what != "huge":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # who asked has had enough
            self.wfile.write(body[:-7] if what == "short" else body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody but this test trusts."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=2090))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def server(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as here:
        here.daemon_threads = True
        here.asked = []
        here.socket = context.wrap_socket(here.socket, server_side=True)
        thread = threading.Thread(target=here.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setattr(published, "PUBLISHED", {"lolin32_lite": Published(NAME, "9.9.9", HASH, "this test")})
        here.address = f"https://127.0.0.1:{here.server_address[1]}"
        yield here
        here.shutdown()
        thread.join()


def get(server, monkeypatch, folder, what="whole", sha256=None):
    monkeypatch.setattr(published, "ADDRESS", f"{server.address}/{what}/")
    told = []
    file = image_of("lolin32_lite", sha256, folder, lambda done, total: told.append((done, total)), fetched)
    return file, told


def test_it_is_fetched_once(server, monkeypatch, tmp_path):
    file, told = get(server, monkeypatch, tmp_path / "cache")
    assert file.read_bytes() == IMAGE
    assert told[-1] == (len(IMAGE), len(IMAGE)) and len(told) > 1
    assert get(server, monkeypatch, tmp_path / "cache") == (file, [])
    assert server.asked == [f"/whole/{NAME}"]


def test_what_was_kept_and_damaged_is_fetched_again(server, monkeypatch, tmp_path):
    (tmp_path / NAME).write_bytes(IMAGE[:-1])
    file, _ = get(server, monkeypatch, tmp_path)
    assert file.read_bytes() == IMAGE


def test_a_redirection_within_https_is_followed(server, monkeypatch, tmp_path):
    assert get(server, monkeypatch, tmp_path, "nearby")[0].read_bytes() == IMAGE


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("missing", "the server answered 404"),
        ("short", r"it ended after 255,993 of 256,000 bytes|cannot be fetched"),
        ("other", f"its SHA-256 is {hashlib.sha256(IMAGE[::-1]).hexdigest()} and not {HASH}"),
        ("huge", "it is longer than 8 MB"),
        ("away", "an address that is not https"),
    ],
)
def test_what_is_not_right_leaves_nothing_behind(server, monkeypatch, tmp_path, what, why):
    with pytest.raises(ImageError, match=why) as caught:
        get(server, monkeypatch, tmp_path / "cache", what)
    assert what == "other" or "--micropython FILE" in str(caught.value)
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize("error", [http.client.BadStatusLine("rubbish"), http.client.IncompleteRead(b"half", 9)])
def test_a_server_that_does_not_speak_http(tmp_path, error):
    """A proxy that answers anything, an answer in pieces that is cut off: neither is an OSError."""

    def fetch(url, told):
        raise error

    with pytest.raises(ImageError, match=r"cannot be fetched \(.+\).*--micropython FILE"):
        image_of("xiao_esp32c3", None, tmp_path, lambda done, total: None, fetch)


def test_a_server_that_nobody_vouches_for_is_refused(server, monkeypatch, tmp_path):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ImageError, match="certificate"):
        get(server, monkeypatch, tmp_path)


def test_an_address_that_is_not_https_is_not_asked(server):
    with pytest.raises(ValueError, match="not https"):
        fetched(server.address.replace("https", "http"), lambda done, total: None)
    with pytest.raises(ValueError, match="not https"):
        fetched("file:///etc/hostname", lambda done, total: None)


def test_the_hash_that_the_user_gives_counts(server, monkeypatch, tmp_path):
    with pytest.raises(ImageError, match="and not 00"):
        get(server, monkeypatch, tmp_path, sha256="00" * 32)
    assert get(server, monkeypatch, tmp_path, sha256=HASH.upper())[0].read_bytes() == IMAGE


def test_a_board_without_a_known_image_is_told_what_to_do(tmp_path):
    with pytest.raises(ImageError, match=r"no published one is known; take its \.bin from .* --micropython FILE"):
        image_of("esp8266", None, tmp_path, lambda done, total: None, fetched)


def test_every_board_has_an_image_of_its_chip_whose_hash_has_a_source():
    chips = {"esp32": "ESP32_GENERIC-", "esp32c3": "ESP32_GENERIC_C3-", "esp32s3": "ESP32_GENERIC_S3-SPIRAM_OCT-"}
    for name, board in boards().items():
        one = PUBLISHED[name]
        assert one.file.startswith(chips[board.chip]) and one.file.endswith(f"-v{one.version}.bin")
        assert len(bytes.fromhex(one.sha256)) == 32 and one.source
        assert one.url.startswith("https://micropython.org/")


def test_a_hash_is_checked_in_either_case():
    check_hash(IMAGE, HASH.upper(), "a")
    with pytest.raises(ImageError, match="Cannot use the image a: its SHA-256 is"):
        check_hash(IMAGE + b"\0", HASH, "a")
