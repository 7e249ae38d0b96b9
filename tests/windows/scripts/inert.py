# SPDX-License-Identifier: MIT
"""No Qt in the process: enable() waits for one, and does no harm."""

import threading

import gilyield

gilyield.enable()
print("state", gilyield.status().state, flush=True)
thread = threading.Thread(target=sum, args=(range(1000000),))
thread.start()
thread.join()
gilyield.disable()
print("after", gilyield.status().state, flush=True)
