from django.apps import AppConfig


class CompositionConfig(AppConfig):
    """The composition has no models: it joins the rooms to the kernel."""

    name = "server"

    def ready(self) -> None:
        """Every process that is set up can dispatch: web, worker, command line, tests."""
        from server import registry
        from server.kernel import task_requests

        registry.install()
        task_requests.requests.send = _request_task


def _request_task(name: str) -> None:
    """Celery is loaded by those processes alone that come to ask for a task."""
    from server.celery import request_task

    request_task(name)
