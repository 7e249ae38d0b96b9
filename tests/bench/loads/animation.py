# SPDX-License-Identifier: MIT
"""A widget that repaints 60 times a second, 2 ms of drawing each, and enters Python in every frame. Phases: CPU-bound threads."""

import host
import load

FPS = 60


def begin(number):
    host.animate_start(FPS, load.handler)


def end(result):
    measured = host.animate_stop()
    result["frames_per_s"] = measured["frames"] / result["seconds"]
    result["frame_ms"] = load.milliseconds(measured["interval_ms"])


load.run(lambda options: load.phases_by_threads(options, begin, end, warm_up=True))
