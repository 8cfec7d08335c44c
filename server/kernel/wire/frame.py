"""The frame: JSON-RPC 2.0 without batches, in and out. Every way in which a frame can be wrong ends here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import msgspec

from server.kernel.wire import tidying
from server.kernel.wire.definitions import Command, Signal
from server.kernel.wire.errors import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, Invalid, Refusal
from server.kernel.wire.handshake import StreamEventView

RequestId = int | str
_AnyId = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] | Annotated[str, msgspec.Meta(max_length=100)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request; ``params`` is not decoded yet."""

    jsonrpc: Literal["2.0"]
    id: _AnyId
    method: Annotated[str, msgspec.Meta(max_length=64)]
    params: msgspec.Raw = msgspec.Raw(b"{}")


class _Identified(msgspec.Struct):
    id: _AnyId | None = None


class FrameError(Exception):
    """A frame that is not a request that can be carried out: ``answer`` says so to the client."""

    def __init__(self, request_id: RequestId | None, code: int, message: str, **data: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.answer = failure(request_id, code, message, data)
        self.malformed = code in {PARSE_ERROR, INVALID_REQUEST}


_requests = msgspec.json.Decoder(Request)
_identified = msgspec.json.Decoder(_Identified)
_anything = msgspec.json.Decoder(msgspec.Raw)
_encoder = msgspec.json.Encoder()
_HALF = re.compile("[\ud800-\udfff]")


def decode_request(text: str) -> Request:
    """The request in a text frame; ``FrameError`` when it is not JSON (-32700) or not a request (-32600)."""
    try:
        return _requests.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        # The decoder stops at the first thing that does not fit, and does not look whether the rest is JSON at all.
        if isinstance(error, msgspec.ValidationError) and _is_json(text):
            message = f"Not a request of JSON-RPC 2.0: {error}"
            raise FrameError(_id_of(text), INVALID_REQUEST, message, reason="invalid_request") from None
        raise _unreadable(text) from None


def _unreadable(text: str) -> FrameError:
    """Why a frame cannot be read: it is no JSON, or JSON with a text that no UTF-8 can hold.

    JSON can spell half of a surrogate pair, and some programs send what was cut in the middle of a pictogram. Such a
    request is answered under its own id, so that whoever sent it knows which one it was; what holds it is named. An id
    that is such a text itself cannot be answered under.
    """
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
        identified = msgspec.convert({"id": found.get("id")} if isinstance(found, dict) else {}, _Identified)
        path = next(_halves(found, "$"), None)
    except (ValueError, RecursionError):
        identified, path = _Identified(), None
    if path is None or identified.id is None:
        return FrameError(None, PARSE_ERROR, "The frame is not JSON.", reason="parse_error")
    if isinstance(identified.id, str) and _HALF.search(identified.id):
        message = "The id holds half of a surrogate pair: no answer can bear it."
        return FrameError(None, INVALID_REQUEST, message, reason="invalid_request")
    return _not_text(identified.id, path)


def _not_text(request_id: RequestId, path: str) -> FrameError:
    message = "A text holds half of a surrogate pair: send whole characters."
    return FrameError(request_id, INVALID_PARAMS, message, reason="invalid", path=path, why="not_text")


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _halves(value: object, path: str) -> Iterator[str]:
    """Where there is text that UTF-8 cannot hold."""
    if isinstance(value, str):
        if _HALF.search(value):
            yield path
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _halves(inner, f"{path}[{at}]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            # A name that no text can hold is no path either.
            yield from [path] if _HALF.search(name) else _halves(inner, f"{path}.{name}")


def _is_json(text: str) -> bool:
    try:
        _anything.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def _id_of(text: str) -> RequestId | None:
    try:
        return _identified.decode(text).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


class Commands:
    """Decodes the parameters of every method that is registered."""

    def __init__(self, commands: list[type[Command[Any]]]) -> None:
        self._decoders = {command.method: msgspec.json.Decoder(command) for command in commands}
        self._tidy: dict[str, Callable[[Any], Any]] = {
            command.method: found for command in commands if (found := tidying.of(command)) is not None
        }

    def decode(self, request: Request) -> Command[Any]:
        """The command a request stands for; ``FrameError`` -32601 for a method that does not exist, -32602 for
        parameters of the wrong shape, with ``data.path`` naming the field.

        What somebody typed is tidied on the way, as its type says (``definitions``), and every instant becomes UTC:
        once, for every room."""
        decoder = self._decoders.get(request.method)
        if decoder is None:
            raise FrameError(request.id, METHOD_NOT_FOUND, "There is no such method.", reason="method_not_found")
        try:
            command: Command[Any] = decoder.decode(request.params)
        except msgspec.ValidationError as error:
            message, path = _explain(str(error))
            raise FrameError(
                request.id, INVALID_PARAMS, message, reason="invalid", path=path, **_why(message)
            ) from None
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise _unreadable_params(request) from None
        tidy = self._tidy.get(request.method)
        try:
            return command if tidy is None else tidy(command)
        except Invalid as refused:
            raise FrameError(request.id, INVALID_PARAMS, refused.message, **refused.as_data()) from None


def _unreadable_params(request: Request) -> FrameError:
    try:
        path = next(_halves(json.loads(bytes(request.params)), "$.params"), None)
    except (ValueError, RecursionError):
        path = None
    if path is not None:
        return _not_text(request.id, path)
    return FrameError(request.id, PARSE_ERROR, "The frame is not JSON.", reason="parse_error")


_PATH = re.compile(r"^(?P<message>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"required field `(?P<field>[^`]+)`|unknown field `(?P<unknown>[^`]+)`")


def _explain(text: str) -> tuple[str, str]:
    """msgspec's explanation as a message and the path of the field, from ``$.params``."""
    found = _PATH.match(text)
    message, path = (found["message"], found["path"] or "") if found else (text, "")
    named = _MISSING.search(message)
    if named:
        path += f".{named['field'] or named['unknown']}"
    return message, f"$.params{path}"


_LENGTH = re.compile(r"^Expected `str` of length (?P<sign><=|>=) (?P<limit>\d+)$")


def _why(message: str) -> dict[str, object]:
    """The code of a refusal that a form says in its own words: a text that is too long, or empty."""
    found = _LENGTH.match(message)
    if found is None:
        return {}
    return {"why": "too_long", "limit": int(found["limit"])} if found["sign"] == "<=" else {"why": "required"}


def result(request_id: RequestId, view: object) -> str:
    """The answer to a request that was carried out."""
    return _encoder.encode({"jsonrpc": "2.0", "id": request_id, "result": view}).decode()


def failure(request_id: RequestId | None, code: int, message: str, data: dict[str, Any]) -> str:
    """The answer to a request that was not carried out."""
    error = {"code": code, "message": message, "data": data}
    return _encoder.encode({"jsonrpc": "2.0", "id": request_id, "error": error}).decode()


def refusal(request_id: RequestId, refused: Refusal) -> str:
    """The answer to a request that a rule refused."""
    return failure(request_id, refused.code, refused.message, refused.as_data())


def event(view: StreamEventView) -> str:
    """A numbered change, encoded once for everybody who receives it."""
    return _encoder.encode({"jsonrpc": "2.0", "method": "event", "params": view}).decode()


def renumbered(text: str, seq: int) -> Callable[[int], str]:
    """Makes of an encoded event with this number the same one with another: for whoever may not know the number."""
    # The first number in the frame: before it stands nothing but the stream's name.
    head, found, tail = text.partition(f'"seq":{seq},')
    if not found:
        raise ValueError("not an event of this number")
    return lambda number: f'{head}"seq":{number},{tail}'


def signal(stream: str, data: Signal) -> str:
    """Something momentary."""
    params = {"stream": stream, "type": data.type, "data": data}
    return _encoder.encode({"jsonrpc": "2.0", "method": "signal", "params": params}).decode()
