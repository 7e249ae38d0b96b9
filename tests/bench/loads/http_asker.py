# SPDX-License-Identifier: MIT
"""Asks an http.server on this machine until it is ended; prints for each answer when it was asked for, by
time.perf_counter(), and how long it took, in milliseconds. http_asker.py PORT"""

import http.client
import signal
import sys
import time

asking = True


def stop(*_):
    global asking
    asking = False


signal.signal(signal.SIGTERM, stop)
took = []
while asking:
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()
    took.append((begin, (time.perf_counter() - begin) * 1e3))
print("\n".join(f"{begin:.6f} {ms:.3f}" for begin, ms in took))
