"""``python -m server.cli`` is the program `relais`."""

import sys

from server.cli import main

sys.exit(main())
