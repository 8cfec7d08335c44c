"""The demo world: invented people in the country of Redon and in Réunion, to look at Relais and to test against.

Everything in it is made as it is made in life, through the door; every id is derived from a name, so that the same
world is found again. It is for a machine of one's own: the passwords stand in this source.
"""

from server.demo.world import DemoError, World, make_world

__all__ = ["DemoError", "World", "make_world"]
