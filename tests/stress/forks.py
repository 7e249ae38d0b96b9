# SPDX-License-Identifier: MIT
"""fork() from the GUI thread and from other threads in the thick of it: each child runs threads of its own and ends with 0."""

import os
import signal
import threading
import time

import stress

codes = []
CHILD_LIMIT_S = 15


def child():
    """Three threads that compete for the child's GIL; whichever thread of the parent this was."""
    signal.alarm(CHILD_LIMIT_S)  # a hang ends by SIGALRM, which is not 0
    done = []

    def work():
        for _ in range(30):
            for _ in range(2000):
                pass
            time.sleep(0)
        done.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    condition = threading.Condition()
    with condition:
        condition.wait(0.01)
    for thread in threads:
        thread.join()
    return 0 if len(done) == 3 else 1


def fork():
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            code = child()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    codes.append(os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status))


def script():
    yield from stress.gui_first()
    spinners = [stress.Counted(int) for _ in range(3)]
    forkers = [stress.Counted(fork) for _ in range(2)]
    for thread in spinners + forkers:
        thread.start()
    own = 0
    end = time.monotonic() + stress.SECONDS
    while time.monotonic() < end or own < 3:
        fork()
        own += 1
        yield 30
    for thread in forkers:
        thread.stopping = True
    while any(thread.is_alive() for thread in forkers):
        yield 20
    stress.alive(spinners, "forks")
    for thread in spinners:
        thread.stopping = True
        thread.join()
    print(f"{len(codes)} children, {own} of them of the GUI thread", flush=True)
    assert set(codes) == {0}, codes
    assert own >= 3 and len(codes) > own, (own, len(codes))


stress.run(script)
