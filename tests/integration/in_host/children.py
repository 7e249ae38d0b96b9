# SPDX-License-Identifier: MIT
"""Child processes start clean; a forked child is inert and unharmed, and so is its parent."""

import os
import subprocess
import threading

import gilyield
import host
import inhost


def check_environment():
    """The programs that the host starts do not have our library preloaded; what else was preloaded stays."""
    names = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert [name for name in names if name.startswith("LD_PRELOAD=")] == [f"LD_PRELOAD={os.environ['TEST_OTHER_PRELOAD']}"], names


def check_os_environ():
    """Where Python was there before the application object, it has a copy of the environment from the time before."""
    assert os.environ["LD_PRELOAD"] == os.environ["TEST_OTHER_PRELOAD"], os.environ["LD_PRELOAD"]


def child():
    """What a forked child can still do; its exit code tells."""
    assert not gilyield.is_enabled()
    try:
        gilyield.enable()
    except gilyield.Error:
        pass
    else:
        raise AssertionError("enable() must refuse in a forked child")
    gilyield.disable()
    gilyield.status()
    with gilyield.paused():
        pass
    spinner = inhost.Spinner()
    spinner.start()
    for _ in range(3):
        subprocess.run(["true"], check=True)
    while spinner.count < 1000:
        pass
    spinner.stop()
    os.system("true")


def fork():
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            child()
            code = 0
        finally:
            # Without what belongs to the parent's application, as multiprocessing does it.
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def script():
    check_environment()
    check_os_environ()
    spinners = inhost.Spinners(2)
    yield from spinners.progress()
    codes = [fork()]
    threads = [threading.Thread(target=lambda: codes.append(fork())) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        yield 20
    assert codes == [0, 0, 0, 0], codes
    children = [subprocess.Popen(["sh", "-c", "sleep 0.05; exit 7"]) for _ in range(3)]
    assert [process.wait() for process in children] == [7, 7, 7]
    assert host.qprocess_wait(["sh", "-c", 'case "$LD_PRELOAD" in *gilyield*) exit 1;; esac'], 10000) == 0
    assert gilyield.is_enabled() and gilyield.status().state == "running", gilyield.status()
    yield from spinners.progress("the event loop after forks")
    spinners.stop()


inhost.run(script)
