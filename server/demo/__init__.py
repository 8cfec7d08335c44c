"""The demo world: invented people around Redon and in Réunion, for trying Relais out and for tests.

Everything is created through the dispatcher, as in real use. Each id is derived from a name, so creating the world
again finds it. For a private machine only: the passwords stand in this source.
"""

from server.demo.world import DemoError, World, make_world

__all__ = ["DemoError", "World", "make_world"]
