from django.apps import AppConfig


class CompositionConfig(AppConfig):
    """The composition has no models: it joins the rooms to the kernel."""

    name = "server"

    def ready(self) -> None:
        """Every process that is set up can dispatch: web, worker, command line, tests."""
        from server import registry

        registry.install()
