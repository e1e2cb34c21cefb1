"""Install the clients that judge orgbox before the tests ask for them: `python -m tests.contract.prepare`.

CI does it beside the checks, which keep one core busy and the network idle.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from tests.contract import environments, node

HERE = Path(__file__).parent


def prepare() -> None:
    """All of them at once, because most of the time goes by in waiting for a registry."""
    with ThreadPoolExecutor() as pool:
        installs = [
            pool.submit(node.node_modules),
            pool.submit(node.node_modules, HERE / "sf"),
            pool.submit(environments.programs, "readers"),
            pool.submit(environments.programs, "airbyte"),
        ]
        wait(installs)
        for each in installs:
            each.result()


if __name__ == "__main__":
    prepare()
