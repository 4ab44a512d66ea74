"""``python -m tui`` is the eventdesk command."""

import sys

from tui.cli import main

sys.exit(main())
