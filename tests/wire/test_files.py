"""Uploads and downloads as both servers hand them on: cut anywhere, in any pieces, by anybody."""

import asyncio
import base64
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from server.kernel.identifiers import uuid7
from tests.asgi_server import ROOT, Someone, Web
from tests.stand_ins import tus_client
from tests.team.files import samples
from tests.wire.device import connected

Make = Callable[[], Someone]
ANYBODY = Someone("", "", "nothing")
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def client(process: Web, who: Someone) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {who.token}"}
    return httpx.AsyncClient(base_url=process.url, headers=headers, timeout=30)


def metadata(file: UUID, name: str = "Écho cardiaque.pdf") -> str:
    pairs = {"id": str(file), "filename": name, "filetype": "application/pdf"}
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


async def begin(http: httpx.AsyncClient, size: int, file: UUID | None = None, name: str = "Écho.pdf") -> str:
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata(file or uuid7(), name)}
    answer = await http.post("/files/", headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


async def append(http: httpx.AsyncClient, url: str, offset: int, content: Any, **more: str) -> httpx.Response:
    return await http.patch(url, headers={**BYTES, "Upload-Offset": str(offset), **more}, content=content)


async def offset_of(http: httpx.AsyncClient, url: str) -> int:
    answer = await http.head(url, headers=TUS)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


async def sent(http: httpx.AsyncClient, content: bytes, name: str = "Écho.pdf") -> str:
    url = await begin(http, len(content), name=name)
    answer = await append(http, url, 0, content)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(content)))
    return url


@pytest.fixture(scope="module", autouse=True)
def checker(deployment: dict[str, str]) -> Iterator[None]:
    """What a worker does with files, with nothing else beside it."""
    environment = {**os.environ, **deployment, "DJANGO_SETTINGS_MODULE": "server.settings"}
    command = [sys.executable, "-m", "tests.check_files"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE) as process:
        yield
        assert process.stdin is not None
        process.stdin.close()


async def checked(http: httpx.AsyncClient, url: str) -> httpx.Response:
    """The answer of a download once the file is no longer being checked."""
    for _ in range(600):
        answer = await http.get(url)
        if answer.is_success or answer.json()["reason"] != "invalid_state":
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError("nobody checks this file")


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def test_a_file_comes_back_as_it_was_sent(here: Web, someone: Make) -> None:
    content = samples.dicom() + os.urandom(9_000_000)
    async with client(here, someone()) as http:
        url = await begin(http, len(content), name="Scanner thoracique.dcm")
        answer = await append(http, url, 0, pieces(content, 70_001))
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(content)))
        answer = await checked(http, url)
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["Content-Type"] == "application/dicom"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "private, no-store"
        for asked, (start, end) in {
            "0-0": (0, 1),
            "262143-262145": (262143, 262146),
            "-5": (len(content) - 5, None),
        }.items():
            part = await http.get(url, headers={"Range": f"bytes={asked}"})
            assert (part.status_code, part.content) == (206, content[start:end])
        assert (await http.get(url, headers={"Range": "bytes=99999999-"})).status_code == 416


async def test_the_client_of_the_makers_of_tus_goes_on_after_it_was_killed(
    here: Web, someone: Make, tmp_path: Path
) -> None:
    ada, size, piece = someone(), 5_000_000, 1_000_000
    content = samples.dicom() + os.urandom(size - len(samples.dicom()))
    path = tmp_path / "Scanner.dcm"
    path.write_bytes(content)
    settings = {
        "endpoint": f"{here.url}/files/",
        "token": ada.token,
        "path": str(path),
        "size": size,
        "id": str(uuid7()),
        "name": "Scanner thoracique.dcm",
        "memory": str(tmp_path / "memory.json"),
        "piece": piece,
    }
    assert await asyncio.to_thread(tus_client.send, **settings, stop=2 * piece) is None
    done = await asyncio.to_thread(tus_client.send, **settings)
    assert done is not None
    assert done["url"] == f"{here.url}/files/{settings['id']}"
    # It asked how far the upload had come, and sent the rest alone.
    assert done["sent"] == [["HEAD", None], *(["PATCH", str(at * piece)] for at in range(2, 5))]
    async with client(here, ada) as http:
        answer = await checked(http, done["url"])
        assert (answer.status_code, answer.content) == (200, content)
    huge = tmp_path / "huge.dcm"
    huge.touch()
    os.truncate(huge, 50_000_001)
    settings |= {"path": str(huge), "size": 50_000_001, "id": str(uuid7())}
    refused = await asyncio.to_thread(tus_client.send, **settings)
    assert refused is not None
    assert refused["status"] == 413


async def test_an_upload_that_is_cut_goes_on_from_what_had_arrived(here: Web, someone: Make) -> None:
    ada = someone()
    content = os.urandom(6_000_000)
    async with client(here, ada) as http:
        url = await begin(http, len(content))
        with socket.create_connection(("127.0.0.1", here.port), 10) as raw:
            head = {**BYTES, "Authorization": f"Bearer {ada.token}", "Upload-Offset": "0", "Host": "localhost"}
            head["Content-Length"] = str(len(content))
            lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
            raw.sendall(f"PATCH {url} HTTP/1.1\r\n{lines}\r\n".encode() + content[:5_000_000])
            await asyncio.sleep(0.5)
        offset = 0
        for _ in range(100):
            offset = await offset_of(http, url)
            if offset == 5_000_000:
                break
            await asyncio.sleep(0.1)
        assert offset == 5_000_000
        assert (await append(http, url, 4_000_000, b"x")).status_code == 409
        answer = await append(http, url, offset, content[offset:])
        assert answer.headers["Upload-Offset"] == str(len(content))
        again = await append(http, url, offset, content[offset:])
        assert (again.status_code, again.headers["Upload-Offset"]) == (409, str(len(content)))


async def test_a_refused_body_does_not_hang_its_sender(here: Web, someone: Make) -> None:
    async with client(here, someone()) as http:
        url = await begin(http, 100)
        answer = await append(http, url, 7, os.urandom(2_000_000))
        assert answer.status_code == 409
        answer = await append(http, url, 0, os.urandom(2_000_000))
        assert answer.status_code == 413
        assert await offset_of(http, url) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "50000001"}, 413),
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "5", "Tus-Resumable": "0.2"}, 412),
        ({"Upload-Length": "5", "Upload-Metadata": "filename é"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": f"id {base64.b64encode(b'no').decode()}"}, 400),
    ],
)
async def test_a_wrong_request_is_answered(here: Web, someone: Make, headers: dict[str, str], status: int) -> None:
    async with client(here, someone()) as http:
        every = {**TUS, "Upload-Metadata": metadata(uuid7()), **headers}
        encoded = {name.encode(): value.encode("latin-1") for name, value in every.items()}
        answer = await http.post("/files/", headers=encoded)
        assert answer.status_code == status
        assert answer.json()["message"]


async def test_begun_twice_it_is_one_upload(here: Web, someone: Make) -> None:
    file = uuid7()
    async with client(here, someone()) as http:
        url = await begin(http, 10, file)
        assert (await append(http, url, 0, b"12345")).status_code == 204
        assert await begin(http, 10, file) == url
        assert await offset_of(http, url) == 5
        headers = {**TUS, "Upload-Length": "11", "Upload-Metadata": metadata(file, "Écho.pdf")}
        answer = await http.post("/files/", headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (409, "id_taken")


async def test_a_checksum_vouches_for_a_body_or_nothing_of_it_counts(here: Web, someone: Make) -> None:
    content = os.urandom(5_000_000)
    right = base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
    async with client(here, someone()) as http:
        url = await begin(http, len(content))
        damaged = content[:-1] + bytes([content[-1] ^ 1])
        answer = await append(http, url, 0, damaged, **{"Upload-Checksum": f"sha1 {right}"})
        assert (answer.status_code, await offset_of(http, url)) == (460, 0)
        assert (await append(http, url, 0, b"", **{"Upload-Checksum": "md5 AAAA"})).status_code == 400
        answer = await append(http, url, 0, content, **{"Upload-Checksum": f"sha1 {right}"})
        assert answer.headers["Upload-Offset"] == str(len(content))


async def test_an_upload_begins_with_its_first_bytes(here: Web, someone: Make) -> None:
    headers = {**BYTES, "Upload-Length": "10", "Upload-Metadata": metadata(uuid7())}
    async with client(here, someone()) as http:
        answer = await http.post("/files/", headers=headers, content=b"12345")
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "5")


async def test_nobody_else_sees_an_upload(here: Web, someone: Make, unverified: Someone) -> None:
    async with (
        client(here, someone()) as ada,
        client(here, someone()) as eve,
        client(here, unverified) as nobody,
        client(here, ANYBODY) as anybody,
    ):
        url = await sent(ada, samples.pdf())
        assert (await checked(ada, url)).status_code == 200
        assert (await ada.get(f"{url}/preview?page=2")).headers["Content-Type"] == "image/jpeg"
        assert (await ada.get(f"{url}/preview?page=3")).status_code == 404
        for path in (url, f"{url}/thumbnail", f"{url}/preview"):
            assert (await eve.get(path)).json()["reason"] == "not_found"
            assert (await nobody.get(path)).json()["reason"] == "not_verified"
            assert (await anybody.get(path)).status_code == 401
        for answer in (
            await eve.head(url, headers=TUS),
            await eve.delete(url, headers=TUS),
            await append(eve, url, 0, b"x"),
        ):
            assert answer.status_code == 404
        assert (await ada.delete(url, headers=TUS)).status_code == 204
        assert (await ada.get(url)).status_code == 404


async def test_the_uploader_is_told_what_became_of_a_file(here: Web, elsewhere: Web, someone: Make) -> None:
    ada = someone()
    async with client(here, ada) as http, connected(elsewhere, ada) as device:
        url = await sent(http, b"MZ" + bytes(100), "facture.pdf.exe")
        refused = await checked(http, url)
        listed = await device.call("sync", {"stream": f"i:{ada.id}", "after": 0, "limit": 10})
        [event] = [one for one in listed["events"] if one["type"] == "file.changed"]
        assert (event["data"]["file"]["state"], event["data"]["file"]["refusal"]) == ("refused", "type")
        assert refused.json()["why"] == "type"


async def test_no_plain_byte_touches_a_disk(here: Web, someone: Make, tmp_path: Path) -> None:
    """Neither the store, nor the database's directory, nor where temporary files go."""
    secret = os.urandom(24).hex().encode()
    content = samples.dicom() + secret * 60_000
    async with client(here, someone()) as http:
        url = await sent(http, content)
        assert (await checked(http, url)).content == content
    places = [Path(os.environ["RELAIS_FILES"]), Path("/var/tmp")]
    files = [path for place in places for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    assert not [path for path in files if secret in path.read_bytes()]


async def test_one_person_has_a_bound(here: Web, someone: Make) -> None:
    ada = someone()
    async with client(here, ada) as http:
        url = await begin(http, 1_000)
        slow = [socket.create_connection(("127.0.0.1", here.port), 10) for _ in range(6)]
        try:
            for raw in slow:
                head = {**BYTES, "Authorization": f"Bearer {ada.token}", "Upload-Offset": "0", "Host": "localhost"}
                head["Content-Length"] = "1000"
                lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
                raw.sendall(f"PATCH {url} HTTP/1.1\r\n{lines}\r\nx".encode())
            await asyncio.sleep(0.5)
            answer = await http.head(url, headers=TUS)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        finally:
            for raw in slow:
                raw.close()
