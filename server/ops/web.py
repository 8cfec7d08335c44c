"""One web process on an inherited or new socket: Daphne, or uvicorn for many sockets.

Both are configured alike: no compression on sockets (it costs 54 to 117 KiB each), a frame limit slightly above the
protocol's 64 KiB so that our own code refuses slightly oversized frames and the server grossly oversized ones (1009 in
both cases), and a ping every 20 seconds.
"""

import argparse
import gc
import logging
import os
import socket

BACKLOG = 2048
PING_SECONDS = 20
PONG_SECONDS = 20

logger = logging.getLogger("server.ops.web")


def largest_received() -> int:
    """In bytes: slightly more than the protocol's largest frame."""
    from server.registry import SOCKET_LIMITS

    return SOCKET_LIMITS.frame_bytes + 1024


def bound(host: str, port: int) -> int:
    """The descriptor of a socket with this address, which takes no connections yet."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    return made.detach()


def take_connections(descriptor: int) -> None:
    """From now on whoever connects is not refused any more. Called once everything is loaded, since nobody would answer
    them before; harmless when another process on the same socket has done it. Ends the process, and says why, when
    another program has taken the port since the socket was bound."""
    with socket.socket(fileno=os.dup(descriptor)) as listener:
        try:
            listener.listen(BACKLOG)
        except OSError as error:
            host, port = listener.getsockname()[:2]
            said = f"Port {port} of {host} cannot be used ({error.strerror})"
            raise SystemExit(f"{said}: choose another one with --port.") from error


def freeze_gc() -> None:
    """Move loaded objects out of the garbage collector's reach, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def serve_with_uvicorn(descriptor: int) -> None:
    import uvicorn

    from server.asgi import application
    from server.ops.http_protocols import BoundedProtocol

    freeze_gc()
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http=BoundedProtocol,
        ws="websockets-sansio",
        ws_max_size=largest_received(),
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    take_connections(descriptor)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


def serve_with_daphne(descriptor: int) -> None:
    import uvloop
    from twisted.internet import asyncioreactor

    asyncioreactor.install(uvloop.new_event_loop())  # type: ignore[no-untyped-call]

    from server.asgi import application
    from server.kernel.backpressure import CongestionAwareServer
    from server.ops.http_protocols import use_with_daphne

    use_with_daphne()
    freeze_gc()
    take_connections(descriptor)
    CongestionAwareServer(
        application,
        endpoints=[f"fd:fileno={descriptor}"],
        websocket_timeout=-1,
        websocket_max_message_size=largest_received(),
        websocket_max_frame_size=largest_received(),
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
        application_close_timeout=5,
        server_name="",
        verbosity=0,
    ).run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m server.ops.web", description=__doc__.splitlines()[0])
    parser.add_argument("server", choices=["daphne", "uvicorn"])
    parser.add_argument("--descriptor", type=int, help="a socket that is bound to its address")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on (%(default)s)")
    arguments = parser.parse_args()
    descriptor = arguments.descriptor
    if descriptor is None:
        descriptor = bound(arguments.host, arguments.port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    {"daphne": serve_with_daphne, "uvicorn": serve_with_uvicorn}[arguments.server](descriptor)


if __name__ == "__main__":
    main()
