# SPDX-License-Identifier: MIT
"""A Jupyter kernel after `%gui qt5`, as in Spyder's console: in each cell a thread posts something to the GUI thread, which runs the cell."""

import jupyter_client

CELLS = 5
SETUP = """
import threading, gilyield
from gilyield import gui
ran, refused = [], []
def post():
    try:
        gui.post(ran.append, 1)
    except gui.Closed as exception:
        refused.append(exception)
"""
CELL = "thread = threading.Thread(target=post); thread.start(); thread.join()"
REPORT = "status = gilyield.status(); print(len(ran), refused, status.state, status.priority_active)"


def main():
    manager, client = jupyter_client.manager.start_new_kernel(startup_timeout=30, kernel_name="python3")
    said = []

    def execute(code):
        client.execute_interactive(code, timeout=20, output_hook=lambda message: said.append(message["content"].get("text", "")))

    for code in ["%gui qt5", SETUP, *[CELL] * CELLS, "", REPORT]:
        execute(code)
    client.stop_channels()
    manager.shutdown_kernel()
    print(*said)
    if f"{CELLS} [] running gui\n" in said:
        print("PASSED")


main()
