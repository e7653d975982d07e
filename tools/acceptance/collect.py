"""Has img2dataset download some addresses, with its own settings, and notes what became of each in FOLDER.json.

    .local/acceptance/bin/python -m tools.acceptance.collect FOLDER ADDRESS …

FOLDER must not exist. Runs in the environment of tools/acceptance/environment.py, not in .venv.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Download and report."""
    import img2dataset
    import pandas

    folder, *addresses = sys.argv[1:]
    listed = Path(f"{folder}.txt")
    listed.write_text("\n".join(addresses) + "\n", "utf-8")
    img2dataset.download(
        url_list=str(listed), output_folder=folder, processes_count=1, thread_count=2, image_size=64, timeout=60
    )
    found = pandas.read_parquet(next(Path(folder).glob("*.parquet")))
    rows = found.where(found.notna(), None).to_dict("records")
    outcome = {row["url"]: {"status": row["status"], "error": row["error_message"]} for row in rows}
    Path(f"{folder}.json").write_text(json.dumps(outcome), "utf-8")


if __name__ == "__main__":
    main()
