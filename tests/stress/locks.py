# SPDX-License-Identifier: MIT
"""The GUI thread and the program's locks: it has a lock before those that came to it earlier; the lock's owner, or of a chain of locks
the last one's, has the GIL before those that compute meanwhile; time-outs, signals and exclusion are what they were."""

import random
import signal
import sys
import threading
import time

import gilyield
import stress

WAITERS = 6
COMPUTING = 8
LEAST_OF_OWNER = 0.4  # of the processor time of all while the GUI thread waits for it; an equal part is 0.11

#: What a lock is waited for in. From 3.13.1 on it is CPython's parking lot, which has its own order and does not say who has a lock.
by_semaphore = sys.thread_info.lock == "semaphore" and sys.version_info < (3, 13, 1)


def comes_first():
    """Generator: threads wait for a lock, then the GUI thread does, then its owner lets go of it."""
    lock, order = threading.Lock(), []

    def take(name):
        with lock:
            order.append(name)

    def own():
        with lock:
            taken.set()
            time.sleep(0.15)

    taken = threading.Event()
    threads = [threading.Thread(target=own)]
    threads[0].start()
    taken.wait()
    for number in range(WAITERS):
        threads.append(threading.Thread(target=take, args=(number,)))
        threads[-1].start()
    yield 30
    take("gui")
    for thread in threads:
        thread.join()
    print("a lock was had by", *order, flush=True)
    assert sorted(map(str, order)) == sorted(map(str, ["gui", *range(WAITERS)])), order
    return order[0] == "gui"


def keeps_place():
    """Generator: the GUI thread has a lock before those that came to it later, however long that takes."""
    lock, order = threading.Lock(), []

    def take(name):
        with lock:
            order.append(name)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(WAITERS)]

    def own():
        with lock:
            taken.set()
            time.sleep(0.1)
            for thread in threads:
                thread.start()
            time.sleep(0.2)

    taken = threading.Event()
    owner = threading.Thread(target=own)
    owner.start()
    taken.wait()
    yield 1
    take("gui")
    for thread in [owner, *threads]:
        thread.join()
    print("a lock was had by", *order, flush=True)
    assert len(order) == WAITERS + 1, order
    return order[0] == "gui"


def owner_first():
    """Generator: the owner of the lock that the GUI thread waits for computes, beside threads that compute."""
    lock, work = threading.Lock(), stress.loops_for(0.003)
    others = stress.Spinners(COMPUTING)
    yield 50
    begun, owned = threading.Event(), []

    def own():
        with lock:
            begun.set()
            begin = time.thread_time()
            for _ in range(work):
                pass
            owned.append(time.thread_time() - begin)

    owner = threading.Thread(target=own)
    owner.start()
    begun.wait()
    shares = stress.Shares(others)
    with lock:
        used = sum(shares.used()[1])
    owner.join()
    others.stop()
    part = owned[0] / (owned[0] + used)
    print(f"the owner had {part:.2f} of the time", flush=True)
    return part > LEAST_OF_OWNER


def chain_first(late):
    """Generator: the owner of the lock that the GUI thread waits for waits for another lock, or soon will, whose owner computes."""
    outer, inner, work = threading.Lock(), threading.Lock(), stress.loops_for(0.006)
    others = stress.Spinners(COMPUTING)
    go, had = threading.Event(), []

    def own_inner():
        with inner:
            go.wait()
            begin = time.thread_time()
            for _ in range(work):
                pass
            had.append(time.thread_time() - begin)

    def own_outer():
        with outer:
            if late:
                go.wait()
                for _ in range(work // 10):
                    pass
            with inner:
                pass

    threads = [threading.Thread(target=target) for target in (own_inner, own_outer)]
    for thread in threads:
        thread.start()
    yield 50
    shares = stress.Shares(others)
    go.set()
    with outer:
        used = sum(shares.used()[1])
    for thread in threads:
        thread.join()
    others.stop()
    part = had[0] / (had[0] + used)
    print(f"the last owner of a chain of locks had {part:.2f} of the time", flush=True)
    return part > LEAST_OF_OWNER


def often(what, *arguments):
    """Generator: what() holds at least in one of some tries: a busy machine may spoil one."""
    for _ in range(stress.inhost.CHANCES + 3):
        if (yield from what(*arguments)):
            return
    raise AssertionError(what.__name__)


def time_outs():
    """A lock that is not had in time is not had, and one that is signalled in time is."""
    lock = threading.Lock()
    lock.acquire()
    begin = time.monotonic()
    assert not lock.acquire(timeout=0.05)
    assert time.monotonic() - begin >= 0.05
    timer = threading.Timer(0.05, lock.release)
    timer.start()
    assert lock.acquire(timeout=20)
    timer.join()
    assert not lock.acquire(blocking=False)
    lock.release()


class Interrupted(Exception):
    pass


def signals():
    """A handler runs while the GUI thread waits for a lock, and what it raises ends the wait."""
    lock = threading.Lock()
    lock.acquire()

    def handler(number, frame):
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, handler)
    main = threading.get_ident()
    threading.Timer(0.05, lambda: signal.pthread_kill(main, signal.SIGUSR1)).start()
    try:
        lock.acquire()
    except Interrupted:
        pass
    else:
        raise AssertionError("the lock was had though nobody let go of it")
    finally:
        signal.signal(signal.SIGUSR1, before)
    lock.release()


NAPS = 200  # of what the GUI thread may be woken by itself in a second that it waits for a lock


def sleeps():
    """The GUI thread looks rarely at a lock that it waits for."""
    lock = threading.Lock()
    lock.acquire()
    before = stress.inhost.voluntary_switches()
    assert not lock.acquire(timeout=1)
    naps = stress.inhost.voluntary_switches() - before
    assert naps < NAPS, f"it woke up {naps} times in a second"


def interrupted_time_out():
    """Signals shorten no time-out."""
    lock = threading.Lock()
    lock.acquire()
    before = signal.signal(signal.SIGUSR1, lambda number, frame: None)
    main = threading.get_ident()
    nudge = stress.Counted(lambda: (time.sleep(0.005), signal.pthread_kill(main, signal.SIGUSR1)))
    nudge.start()
    begin = time.monotonic()
    assert not lock.acquire(timeout=0.5)
    took = time.monotonic() - begin
    nudge.stopping = True
    nudge.join()
    signal.signal(signal.SIGUSR1, before)
    assert took >= 0.5, f"{took} seconds of 0.5"


def exclusion():
    """Generator: threads and the GUI thread take locks, with time-outs that run out at any moment: one at a time, and none is lost."""
    locks = [threading.Lock() for _ in range(2)]
    inside = [0, 0]
    counts = [0, 0]
    chance = random.Random(1)

    def once(index, timeout):
        if not locks[index].acquire(timeout=timeout):
            return False
        inside[index] += 1
        assert inside[index] == 1, inside
        if chance.random() < 0.2:
            time.sleep(0)  # lets go of the GIL with the lock in hand
        counts[index] += 1
        assert inside[index] == 1, inside
        inside[index] -= 1
        locks[index].release()
        return True

    failed = []

    def work():
        try:
            once(chance.randrange(2), 10)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [stress.Counted(work) for _ in range(WAITERS)]
    for thread in threads:
        thread.start()
    end, had, missed = time.monotonic() + stress.SECONDS, 0, 0
    while time.monotonic() < end:
        for _ in range(200):
            if once(chance.randrange(2), chance.choice((1e-5, 2e-5, 5e-5, 1e-4, 1))):
                had += 1
            else:
                missed += 1
        yield 1
    stress.alive(threads, "beside the GUI thread that takes their locks")
    for thread in threads:
        thread.stopping = True
    for thread in threads:
        thread.join()
    print(f"the GUI thread had a lock {had} times, not in time {missed} times", flush=True)
    assert not failed, failed
    assert had and all(lock.acquire(timeout=1) for lock in locks), "a lock was lost"


def toggled():
    """Generator: gilyield goes and comes while threads hold and wait for locks."""
    lock = threading.Lock()
    threads = [stress.Counted(lambda: lock.acquire() and lock.release()) for _ in range(WAITERS)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        gilyield.disable()
        with lock:
            pass
        yield 1
        gilyield.enable()
        with lock:
            pass
        yield 2
    stress.alive(threads, "while gilyield went and came")
    for thread in threads:
        thread.stopping = True


def script():
    yield from stress.gui_first()
    time_outs()
    signals()
    interrupted_time_out()
    sleeps()
    yield from exclusion()
    yield from toggled()
    yield from stress.gui_first()
    yield from often(keeps_place)
    if by_semaphore:
        yield from often(comes_first)
        yield from often(owner_first)
        yield from often(chain_first, False)
        yield from often(chain_first, True)


stress.run(script)
