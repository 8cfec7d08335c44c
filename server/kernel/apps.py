from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "server.kernel"
    default_auto_field = "django.db.models.BigAutoField"
