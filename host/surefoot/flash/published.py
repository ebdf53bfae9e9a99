"""MicroPython's published images for each board, with the SHA-256 that others found; and how one is fetched.

micropython.org publishes no hashes. Each of these stands in the named public repository as that of the file from
micropython.org; none was checked by downloading the file.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from surefoot.flash.trouble import ImageError

ADDRESS = "https://micropython.org/resources/firmware/"
WAIT_S = 30.0
"""Longest silence of the server: an overloaded one answers within seconds, and nobody looks at a dead line longer."""
LARGEST = 8 << 20
"""Bytes. No image for 4 MB of flash is longer than that flash; the largest published today has 2 MB."""
_PIECE = 1 << 16

Progress = Callable[[int, int], None]
"""Told how many bytes are done, and of how many."""


@dataclass(frozen=True)
class Published:
    """One published file.

    Attributes
    ----------
    file : str
        Its name below `ADDRESS`.
    version : str
        MicroPython's.
    sha256 : str
        Of the whole file, in hex.
    source : str
        Where that hash was found: repository, commit and file on github.com.
    """

    file: str
    version: str
    sha256: str
    source: str

    @property
    def url(self) -> str:
        """Where it is fetched from."""
        return ADDRESS + self.file


_ESP32 = Published(
    "ESP32_GENERIC-20260406-v1.28.0.bin",
    "1.28.0",
    "cd7820d02c35d34dd403b44263129c6a511b350aea8446c229890753fe240784",
    "Robota-LLC/Warblet-IoT 4e2012ca open-starter/README.md; "
    "the same in Saint-Francis-Robotics-Team2367/minibots-2026 5a3f60ab scripts/flash-robot.sh",
)
PUBLISHED = {
    "esp32_devkitc": _ESP32,
    "lolin32_lite": _ESP32,
    "xiao_esp32c3": Published(
        "ESP32_GENERIC_C3-20260406-v1.28.0.bin",
        "1.28.0",
        "c749c22b6fe00cb8211a3b227ed6c0ce9babb518fd8f5a661f7496eb878fa895",
        "Robota-LLC/Warblet-IoT 4e2012ca open-starter/README.md",
    ),
    "xiao_esp32s3": Published(
        "ESP32_GENERIC_S3-SPIRAM_OCT-20260406-v1.28.0.bin",
        "1.28.0",
        "67c19ae123d84152019b57526ed5291dd0a2b4edd87655c5f76b46c9a62ff5dd",
        "giuseppecrj/paperbridge b957e607 docs/micropython-bringup.md",
    ),
}


def cache_folder() -> Path:
    """Return where fetched images are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "surefoot" / "micropython"


def image_of(
    board: str, sha256: str | None, folder: Path, on_progress: Progress, fetch: Callable[[str, Progress], bytes]
) -> Path:
    """Return the published image of `board` as a file in `folder`, fetched if it is not there yet.

    `sha256` is what the user says the hash is; it counts instead of the known one. `fetch` is `fetched`, unless a test
    has its own.

    Raises
    ------
    ImageError
        No hash is known and none was given, the file cannot be had, or it has another hash.
    """
    published = PUBLISHED.get(board)
    if published is None:
        raise ImageError(
            f"for {board}",
            "no published one is known",
            "take its .bin from https://micropython.org/download and give it with --micropython FILE",
        )
    wanted = (sha256 or published.sha256).lower()
    target = folder / published.file
    if target.is_file() and _sha256(target.read_bytes()) == wanted:
        return target
    try:
        data = fetch(published.url, on_progress)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ImageError(
            published.url, _why(error), f"get {published.file} in another way and give it with --micropython FILE"
        ) from None
    check_hash(data, wanted, published.url)
    _keep(data, target)
    return target


def is_known(data: bytes) -> bool:
    """Whether `data` has the hash of one of the published images named here."""
    return _sha256(data) in {one.sha256 for one in PUBLISHED.values()}


def check_hash(data: bytes, sha256: str, name: str) -> None:
    """Refuse what does not have the hash `sha256`.

    Raises
    ------
    ImageError
        It has another one; both are named.
    """
    found = _sha256(data)
    if found != sha256.lower():
        raise ImageError(name, f"its SHA-256 is {found} and not {sha256.lower()}", "get it again")


def fetched(url: str, on_progress: Progress) -> bytes:
    """Fetch `url`, by https alone, redirections included; at most `LARGEST` bytes.

    Raises
    ------
    OSError, ValueError, http.client.HTTPException
        The server cannot be reached or answers otherwise; the address is not https; the file is too long or cut short.
    """
    if urllib.parse.urlsplit(url).scheme != "https":
        raise ValueError("the address is not https")
    opener = urllib.request.build_opener(_OnlyHttps)
    with opener.open(urllib.request.Request(url, headers={"User-Agent": "surefoot"}), timeout=WAIT_S) as answer:
        told = answer.headers.get("Content-Length", "")
        total = int(told) if told.isdecimal() else 0
        data = bytearray()
        while piece := answer.read(_PIECE):
            data += piece
            if len(data) > LARGEST or total > LARGEST:
                raise ValueError(f"it is longer than {LARGEST >> 20} MB")
            on_progress(len(data), max(total, len(data)))
    if len(data) < total:
        raise ValueError(f"it ended after {len(data):,} of {total:,} bytes")
    return bytes(data)


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to https alone."""

    def redirect_request(self, *request: object) -> urllib.request.Request | None:
        if not str(request[-1]).startswith("https:"):
            return None
        return super().redirect_request(*request)  # type: ignore[arg-type]


def _why(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if error.code < 400:
            return "the server sends on to an address that is not https"
        return f"the server answered {error.code}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return f"it cannot be fetched ({str(reason).strip() or type(reason).__name__})"


def _keep(data: bytes, target: Path) -> None:
    """Write whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(data)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
