from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "server"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Every process that is set up can use the door: web, worker, command line, tests."""
        from server import registry

        registry.install()
