"""Asks for a task as a web process does, and prints how many then lie in the queue of the broker."""

from typing import Any

from server.celery import application, request_task

if __name__ == "__main__":
    request_task("kernel.lapse_work")
    with application.connection() as connection:
        channel: Any = connection.default_channel
        print(channel.client.llen("celery"))
