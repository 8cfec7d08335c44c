"""Small real servers in the place of those that Relais talks to outside: they answer right, wrong, late or never."""
