# SPDX-License-Identifier: MIT
"""Runs CPython's own benchmark of concurrency: ccbench_inside.py CCBENCH SECONDS ARGUMENT... In an application on a background thread, with an
idle GUI; in plain CPython, on the main thread."""

import importlib.util
import os
import sys
import threading
import traceback

path, seconds = sys.argv[1], float(sys.argv[2])


def bench():
    spec = importlib.util.spec_from_file_location("ccbench", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.THROUGHPUT_DURATION = module.LATENCY_DURATION = module.BANDWIDTH_DURATION = seconds
    sys.argv[:] = [path, *sys.argv[3:]]
    module.main()


def on_a_thread():
    code = 1
    try:
        bench()
        code = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)  # some of its threads never end


try:
    import host
except ImportError:
    bench()
else:
    host.on_exec(threading.Thread(target=on_a_thread, daemon=True).start)
