# SPDX-License-Identifier: MIT
"""What a turn of the event loop costs the GUI thread when nobody else wants the GIL, in processor time.

Turns that do not block, without and with another Python thread (which sleeps); then turns that block: a C++ thread posts an event
every 0.3 to 0.4 ms. With gilyield each block of turns is measured with it off and with it on, one right after the other, since a block
costs more or less from one moment to the next than gilyield does.
"""

import statistics
import time

import host
import load

BLOCKS = 25
TURNS = 2000


def used_ns(turns, function):
    """Processor time per turn, so that being preempted does not count."""
    start = time.thread_time_ns()
    function(turns)
    return (time.thread_time_ns() - start) / turns


def switches(options):
    """What turns gilyield off and on; without it, nothing to turn."""
    if not options.get("gilyield"):
        return (lambda: None,)
    import gilyield

    return gilyield.disable, gilyield.enable


def summary(name, blocks):
    """`blocks`: for each switch what the blocks after it cost. The median; with gilyield also by how much each is more with it on."""
    result = {name: statistics.median(blocks[-1])}
    if len(blocks) == 2:
        result["extra_" + name] = [round(on - off) for off, on in zip(*blocks)]
    return result


def busy_turns(options):
    blocks = [[] for _ in switches(options)]
    for _ in range(BLOCKS):
        for switch, costs in zip(switches(options), blocks):
            switch()
            host.turns(TURNS // 10)
            costs.append(used_ns(TURNS, host.turns))
    return summary("turn_ns", blocks)


def blocking_turns(options):
    """Generator."""
    blocks = [[] for _ in switches(options)]
    for _ in range(BLOCKS):
        for switch, costs in zip(switches(options), blocks):
            switch()
            yield 10
            host.latency_start(0.3, 0.4, load.handler)
            start = time.thread_time_ns()
            yield options["ms"] // BLOCKS
            used = time.thread_time_ns() - start
            costs.append(used / max(1, len(host.latency_stop()["start_ms"])))
    return summary("blocking_turn_ns", blocks)


def phases(options):
    yield load.WARM_UP_MS
    host.turns(TURNS)
    results = {"alone": busy_turns(options)}
    load.Threads(1)
    yield load.WARM_UP_MS
    results["parked"] = busy_turns(options)
    results["parked"].update((yield from blocking_turns(options)))
    return results


load.run(phases)
