"""Print the command that the README shows under ``<!-- command: NAME -->``."""

import re
import sys
from pathlib import Path

readme = Path(__file__).resolve().parent.parent / "README.md"
pattern = rf"<!-- command: {re.escape(sys.argv[1])} -->\s*```bash\n(.*?)\n```"
found = re.search(pattern, readme.read_text(encoding="utf-8"), re.DOTALL)
if found is None:
    sys.exit(f"README.md has no command named {sys.argv[1]}")
print(found.group(1))
