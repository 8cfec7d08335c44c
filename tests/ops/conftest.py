"""What can only be seen as root is collected for root only."""

import os

collect_ignore = [] if os.geteuid() == 0 else ["test_as_root.py"]
