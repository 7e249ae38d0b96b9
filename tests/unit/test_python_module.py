# SPDX-License-Identifier: MIT
"""The Python module without Qt, against a stub of the shim in this process."""

import contextlib
import dataclasses
import datetime
import inspect
import io
import os
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import traceback
import unittest

import gilyield
from gilyield import _gilyield, _watch
from module_stub import STUB, run_child, stub_int, stub_value


class StubCase(unittest.TestCase):
    def setUp(self):
        gilyield.disable()
        gilyield.enable()
        self.addCleanup(gilyield.disable)


class Interface(StubCase):
    def test_public_names(self):
        self.assertEqual(
            set(gilyield.__all__),
            {"Error", "Stall", "Stalls", "Stats", "Status", "Thread", "Threads"}
            | {"configure", "disable", "doctor", "enable", "is_enabled", "paused", "reset_stats", "stats", "status"}
            | {"stalls", "threads", "top", "trace", "trace_start", "trace_stop", "unwatch", "watch"},
        )
        for name in gilyield.__all__:
            self.assertTrue(getattr(gilyield, name).__doc__, name)

    def test_submodules_are_imported_when_first_used(self):
        code = """
            import sys
            loaded = lambda: sorted(name for name in sys.modules if name in ("gilyield.gui", "gilyield.jobs"))
            print(loaded(), {"gui", "jobs", "enable"} <= set(dir(gilyield)), loaded())
            print(gilyield.gui.call.__module__, loaded())
            print(gilyield.jobs.start.__module__, loaded())
            print(gilyield.gui is sys.modules["gilyield.gui"], vars(gilyield)["jobs"] is gilyield.jobs)
            """
        self.assertEqual(
            run_child(code).splitlines(),
            [
                "[] True []",
                "gilyield.gui ['gilyield.gui']",
                "gilyield.jobs ['gilyield.gui', 'gilyield.jobs']",
                "True True",
            ],
        )

    def test_a_name_that_does_not_exist(self):
        with self.assertRaisesRegex(AttributeError, "^module 'gilyield' has no attribute 'enabled'$"):
            gilyield.enabled
        with self.assertRaises(ImportError):
            from gilyield import enabled  # noqa: F401

    def test_enable_and_configure_take_the_same_options(self):
        self.assertEqual(inspect.signature(gilyield.enable), inspect.signature(gilyield.configure))
        self.assertEqual(list(inspect.signature(gilyield.enable).parameters), list(Options.GOOD))

    def test_error_is_a_runtime_error_that_can_be_pickled(self):
        self.assertTrue(issubclass(gilyield.Error, RuntimeError))
        self.assertEqual(repr(pickle.loads(pickle.dumps(gilyield.Error("x")))), "Error('x')")

    def test_version_is_the_header_s(self):
        header = pathlib.Path(__file__).parents[2] / "shim/include/gilyield/gilyield.h"
        numbers = re.findall(r"(?m)^#define GILYIELD_VERSION_\w+ (\d+)$", header.read_text())
        self.assertEqual(gilyield.__version__, ".".join(numbers))
        self.assertEqual(gilyield.status().version, "9.8.7")  # the library's own

    def test_on_and_off(self):
        self.assertIs(gilyield.is_enabled(), True)
        gilyield.disable()
        gilyield.disable()
        self.assertIs(gilyield.is_enabled(), False)

    def test_every_function_of_the_extension_has_a_stub_entry(self):
        text = pathlib.Path(_gilyield.__file__).with_name("_gilyield.pyi").read_text()
        for name in dir(_gilyield):
            if not name.startswith("__"):
                self.assertRegex(text, rf"(?m)^(def |class )?{name}\b")


class Options(StubCase):
    GOOD = dict(mode="timer", interval_ms=50, slice_ms=7, priority="none", switch_us=500, log_level="debug")

    def in_force(self):
        status = gilyield.status()
        return {name: getattr(status, name) for name in self.GOOD}

    def assertRejected(self, exception, *words, **options):
        """enable() and configure() both name the thing, the value and what is accepted, and change nothing."""
        before = self.in_force()
        for function in gilyield.enable, gilyield.configure:
            with self.subTest(function=function.__name__, **options):
                with self.assertRaises(exception) as caught:
                    function(**{"slice_ms": 9, **options})
                message = str(caught.exception)
                self.assertNotIn("\n", message)
                for word in words:
                    self.assertIn(word, message)
                self.assertEqual(self.in_force(), before)

    def test_all_reach_the_library(self):
        gilyield.disable()
        gilyield.enable(**self.GOOD)
        self.assertEqual(self.in_force(), self.GOOD)
        gilyield.configure(mode="wait", priority="switch-interval", log_level="error")
        self.assertEqual(self.in_force(), {**self.GOOD, "mode": "wait", "priority": "switch-interval", "log_level": "error"})

    def test_enable_while_enabled_keeps_the_others(self):
        gilyield.configure(interval_ms=50)
        starts = stub_int("stub_starts").value
        gilyield.enable(slice_ms=7)
        self.assertEqual((gilyield.status().interval_ms, gilyield.status().slice_ms), (50, 7))
        self.assertEqual(stub_int("stub_starts").value, starts)

    def test_configure_without_options_changes_nothing(self):
        before = self.in_force()
        gilyield.configure()
        gilyield.configure(mode=None, interval_ms=None)
        self.assertEqual(self.in_force(), before)

    def test_names(self):
        self.assertRejected(ValueError, "stub: mode=fast is not accepted: use auto, wait, timer", mode="fast")
        self.assertRejected(ValueError, "stub: mode= is not accepted", mode="")
        self.assertRejected(ValueError, "stub: mode=\u20ac is not accepted", mode="\u20ac")
        self.assertRejected(ValueError, "embedded null byte", mode="auto\0")
        self.assertRejected(ValueError, "stub: priority=GUI is not accepted: use gui, switch-interval, none", priority="GUI")
        self.assertRejected(ValueError, "stub: log_level=all is not accepted: use error, warn, info, debug", log_level="all")

    def test_the_library_says_what_is_out_of_range(self):
        self.assertRejected(ValueError, "stub: interval_ms=10001 is not accepted: use whole numbers from 1 to 10000 (milliseconds)", interval_ms=10001)
        self.assertRejected(ValueError, "stub: slice_ms=-1 is not accepted", slice_ms=-1)
        self.assertRejected(ValueError, "stub: switch_us=1000001 is not accepted", switch_us=1000001)

    def test_zero_is_not_the_c_api_s_default(self):
        self.assertRejected(ValueError, "stub: interval_ms=0 is not accepted", interval_ms=0)
        self.assertRejected(ValueError, "stub: switch_us=0 is not accepted", switch_us=0)

    def test_ints_that_do_not_fit_c(self):
        for value in 2**31, -(2**31) - 1, 2**64 + 5, 10**30, -(10**30):
            self.assertRejected(ValueError, f"stub: slice_ms={value} is not accepted: use whole numbers from 1 to 10000", slice_ms=value)
        self.assertRejected(ValueError, "stub: interval_ms=an int of 33220 bits is not accepted", interval_ms=10**10000)

    def test_traceback_ends_in_the_function_that_was_called(self):
        for function in gilyield.enable, gilyield.configure:
            with self.assertRaises(TypeError) as caught:
                function(interval_ms="5")
            # assertRaises() has cut off the frames of the test itself, and clears those left.
            self.assertIsNone(caught.exception.__context__)
            code = f"import gilyield; gilyield.{function.__name__}(interval_ms='5')"
            text = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True).stderr
            self.assertEqual(re.findall(r", in (\S+)", text), ["<module>", function.__name__], text)

    def test_types(self):
        for value in True, False, 20.0, "20", b"20", [20]:
            self.assertRejected(TypeError, "interval_ms", repr(value), "int", type(value).__name__, interval_ms=value)
        for value in 1, True, b"auto", ["auto"]:
            self.assertRejected(TypeError, "mode", repr(value), "str", type(value).__name__, mode=value)
        with self.assertRaises(TypeError):
            gilyield.enable("auto")
        with self.assertRaises(TypeError):
            gilyield.enable(interval=5)

    def test_ints_of_other_types(self):
        class Twelve:
            def __index__(self):
                return 12

        gilyield.configure(interval_ms=Twelve())
        self.assertEqual(gilyield.status().interval_ms, 12)

    def test_error_numbers_are_the_header_s(self):
        header = pathlib.Path(__file__).parents[2] / "shim/include/gilyield/gilyield.h"
        errors = {f"E_{name}": int(value) for name, value in re.findall(r"X\((\w+), (-\d+),", header.read_text())}
        self.assertEqual({name: getattr(_gilyield, name) for name in dir(_gilyield) if name.startswith("E_")}, errors)
        self.assertGreater(len(errors), 10)

    def test_a_refusal_of_the_library_is_an_error_with_its_sentence(self):
        gilyield.disable()
        with stub_value("stub_start_error", -12):
            with self.assertRaisesRegex(gilyield.Error, "^this is a forked child process"):
                gilyield.enable()
        self.assertFalse(gilyield.is_enabled())

    def test_the_extension_itself_takes_text(self):
        with self.assertRaisesRegex(ValueError, "stub: mode=9 is not accepted"):
            _gilyield.configure(mode="9")
        with self.assertRaisesRegex(ValueError, "stub: speed is not an option: use mode, interval_ms"):
            _gilyield.configure(speed="9")
        with self.assertRaisesRegex(TypeError, "slice_ms must be a str, not 9"):
            _gilyield.start(slice_ms=9)
        with self.assertRaises(TypeError):
            _gilyield.start("auto")


class StatusObject(StubCase):
    def test_fields(self):
        status = gilyield.status()
        expected = dict(
            enabled=True,
            state="running",
            mode="auto",
            interval_ms=20,
            slice_ms=5,
            priority="gui",
            priority_active="switch-interval",
            priority_reason="caf\u00e9 stub",
            switch_us=100,
            log_level="warn",
            paused=0,
            wait="glib",
            wait_reason="the GUI thread runs the GLib dispatcher",
            host="holds",
            gil="the GUI thread holds it through its event loop; gilyield gives it away",
            on_gui_thread=True,
            since=datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc),
            taken_at=status.taken_at,
            qt_version="5.15.8",
            dispatcher="QStubDispatcher",
            python_version="3.11.2",
            limit="",
            library=STUB,
            version="9.8.7",
            watch_ms=0,
            stats=gilyield.stats()._asdict(),
            stalls=[place._asdict() for place in gilyield.stalls()],
        )
        self.assertEqual(status._asdict(), expected)
        self.assertIs(status.enabled, True)
        self.assertIs(status.on_gui_thread, True)
        self.assertIsInstance(status.stats, gilyield.Stats)

    def test_times_are_aware_and_local(self):
        code = f"""
            import ctypes
            stub = ctypes.CDLL({STUB!r})
            gilyield.enable()
            status = gilyield.status()
            print(status.since.isoformat(), status.taken_at.utcoffset())
            """
        self.assertEqual(run_child(code, TZ="TEST-03:30"), "2023-11-15T01:43:20+03:30 3:30:00")
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertLess(abs(now - gilyield.status().taken_at), datetime.timedelta(seconds=10))

    def test_frozen(self):
        for thing in gilyield.status(), gilyield.stats():
            with self.assertRaises(dataclasses.FrozenInstanceError):
                thing.enabled = False

    def test_text(self):
        status = gilyield.status()
        at_12_s = dataclasses.replace(status, taken_at=status.since + datetime.timedelta(seconds=12))
        self.assertEqual(
            str(at_12_s),
            "\n".join(
                [
                    "gilyield 9.8.7: on, running in the application's event loop",
                    f"  since       {status.since:%Y-%m-%d %H:%M:%S} (12 s ago)",
                    "  mode        auto, interval 20 ms, slice 5 ms",
                    "  GIL         the GUI thread holds it through its event loop; gilyield gives it away",
                    "  yields      1204, 1190 of them handed the GIL to another thread; 3 skipped",
                    "  GUI cost    p50 0.05 ms, p99 3.3 ms, max 120 ms to take the GIL back",
                    "  GUI waited  max 125 ms at once",
                    "  GUI late    3 x, 900 ms in all, longest 310 ms: it ran Python, at /app/g.py:7, in slot",
                    "  pauses      none open",
                    "  priority    switch-interval, switch interval 100 us while given away, asked for gui: caf\\xe9 stub",
                    "  wait        glib: the GUI thread runs the GLib dispatcher",
                    "  process     Qt 5.15.8 (QStubDispatcher), Python 3.11.2",
                    f"  library     {STUB}",
                ]
            ),
        )
        self.assertEqual(repr(at_12_s), str(at_12_s))

    def test_text_without_stalls(self):
        never = dataclasses.replace(gilyield.status(), stalls=gilyield.Stalls())
        self.assertIn("  GUI late    not watched: gilyield.watch() names what stalls it\n", repr(never))
        self.assertIn("  GUI late    never by more than 100 ms\n", repr(dataclasses.replace(never, watch_ms=100)))

    def test_watch_is_told(self):
        gilyield.watch(250)
        self.addCleanup(gilyield.unwatch)
        self.assertEqual(gilyield.status().watch_ms, 250)

    def test_text_when_off(self):
        gilyield.disable()
        status = gilyield.status()
        self.assertIs(status.enabled, False)
        self.assertIsNone(status.since)
        self.assertEqual(status.state, "dormant")
        lines = str(status).splitlines()
        self.assertEqual(lines[0], "gilyield 9.8.7: off")
        self.assertEqual(lines[1], "  since       not enabled")
        self.assertIn("holds it through its event loop; gilyield is off", lines[3])
        with stub_value("stub_host", 0):
            self.assertEqual(gilyield.status().gil, "not known while gilyield is off")
        blank = dataclasses.replace(status, wait="", wait_reason="", priority_active="", priority_reason="")
        self.assertIn("  priority    none\n  wait        none\n", str(blank))
        self.assertNotIn("limit", str(blank))
        self.assertIn("  limit       what it is\n", str(dataclasses.replace(status, limit="what it is")))

    def test_text_when_armed(self):
        with stub_value("stub_state", 1):
            self.assertEqual(gilyield.status().state, "armed")
            self.assertTrue(gilyield.status().enabled)
            self.assertIn(": on, waiting for the application's event loop\n", str(gilyield.status()))

    def test_who_holds_the_gil(self):
        for value, host, words in (
            (0, "unknown", "not known yet"),
            (1, "no-python", "no initialised Python"),
            (3, "releases", "the application releases it by itself; nothing to give away"),
            (17, "17", "17"),
        ):
            with stub_value("stub_host", value):
                status = gilyield.status()
                self.assertEqual(status.host, host)
                self.assertIn(words, status.gil)
                self.assertIn(status.gil, str(status))

    def test_text_when_paused(self):
        with gilyield.paused(), gilyield.paused():
            text = str(gilyield.status())
        self.assertIn("event loop, paused\n", text)
        self.assertIn("  pauses      2 open: nothing is given away\n", text)
        self.assertIn("through its event loop; gilyield is paused\n", text)

    def test_ages(self):
        status = gilyield.status()
        ages = {-5: "0.0 s", 0.44: "0.4 s", 59: "59 s", 200: "3 min 20 s", 7500: "2 h 5 min", 90000: "1 d 1 h"}
        for seconds, words in ages.items():
            aged = dataclasses.replace(status, taken_at=status.since + datetime.timedelta(seconds=seconds))
            self.assertIn(f" ({words} ago)", str(aged))


class StatsObject(StubCase):
    FIELDS = dict(
        ticks=1000,
        waits=204,
        yields=1204,
        handovers=1190,
        skipped=3,
        alone=7,
        released_ns=9000000000,
        reacquire_p50_ns=50000,
        reacquire_p99_ns=3300000,
        reacquire_max_ns=120400000,
        reacquire_ns=600000000,
        gui_wait_max_ns=125400000,
        gui_wait_ns=3000000000,
        elapsed_ns=12000000000,
    )

    def test_fields(self):
        stats = gilyield.stats()
        self.assertEqual(stats._asdict(), self.FIELDS)
        for name in self.FIELDS:
            self.assertIs(type(getattr(stats, name)), int)

    def test_fields_are_the_header_s(self):
        """In the same order, and the extension has read them out of the header's table."""
        self.assertEqual([field.name for field in dataclasses.fields(gilyield.Stats)], list(_gilyield.STATS))
        header = pathlib.Path(__file__).parents[2] / "shim/include/gilyield/gilyield.h"
        table = header.read_text().split("#define GILYIELD_STATS_MAP(X)")[1].split("typedef struct gilyield_stats")[0]
        self.assertEqual(re.findall(r"X\((\w+),", table), list(_gilyield.STATS))

    def test_milliseconds(self):
        stats = gilyield.stats()
        for name, value in self.FIELDS.items():
            if name.endswith("_ns"):
                self.assertEqual(getattr(stats, name[:-2] + "ms"), value / 1e6)
                self.assertRegex(getattr(gilyield.Stats, name[:-2] + "ms").__doc__, "^.{5,}, in milliseconds$")
        self.assertEqual(len([name for name in vars(gilyield.Stats) if name.endswith("_ms")]), 8)

    def test_text(self):
        self.assertEqual(
            str(gilyield.stats()),
            textwrap.dedent(
                """\
                gilyield stats of 12 s
                  yields      1204, 1190 of them handed the GIL to another thread
                              1000 timer ticks, 204 waits of the event loop
                  not given   3 times not held, 7 times no other Python thread
                  given away  9.0 s (75 % of the time)
                  GUI cost    p50 0.05 ms, p99 3.3 ms, max 120 ms to take the GIL back
                  GUI waited  max 125 ms at once, 3.0 s in all (25 % of the time)"""
            ),
        )

    def test_reset(self):
        gilyield.reset_stats()
        self.assertEqual(set(gilyield.stats()._asdict().values()), {0})
        self.assertIn("gilyield stats of 0.0 s", str(gilyield.stats()))
        self.assertIn("GUI cost    none, nothing was given away", str(gilyield.status()))


#: Garbage whose end runs Python code, which lets go of the GIL, while threads ask for the frames of all.
FRAMES_AND_GARBAGE = """
    import gc, sys, threading, weakref
    from gilyield import _gilyield

    LOOKS = 40000
    references = [None] * 64
    over = threading.Event()

    class Cycle:
        pass

    def callback(reference):
        for _ in range(50):
            pass

    def make(i):
        cycle = Cycle()
        cycle.itself = cycle
        references[i % len(references)] = weakref.ref(cycle, callback)

    def look():
        for i in range(LOOKS):
            make(i)
            assert threading.get_ident() in _gilyield.current_frames()

    def leaf():
        pass

    def call():
        while not over.is_set():
            leaf()

    sys.setswitchinterval(1e-5)
    gc.set_threshold(3)
    lookers = [threading.Thread(target=look) for _ in range(2)]
    others = [threading.Thread(target=call) for _ in range(6)]
    for thread in lookers + others:
        thread.start()
    for thread in lookers:
        thread.join()
    over.set()
    print(gc.isenabled())
    gc.disable()
    _gilyield.current_frames()
    print(gc.isenabled())
"""


class Frames(StubCase):
    def test_garbage_is_collected_meanwhile(self):
        self.assertEqual(run_child(FRAMES_AND_GARBAGE), "True\nFalse")


class Paused(StubCase):
    def open_pauses(self):
        return gilyield.status().paused

    def tearDown(self):
        self.assertEqual(self.open_pauses(), 0)

    def test_nested(self):
        with gilyield.paused():
            self.assertEqual(self.open_pauses(), 1)
            with gilyield.paused():
                self.assertEqual(self.open_pauses(), 2)
            self.assertEqual(self.open_pauses(), 1)

    def test_one_object_in_itself(self):
        pause = gilyield.paused()
        self.assertEqual(self.open_pauses(), 0)
        with pause, pause:
            self.assertEqual(self.open_pauses(), 2)

    def test_an_exception_ends_it_and_passes(self):
        with self.assertRaises(ZeroDivisionError):
            with gilyield.paused():
                1 / 0

    def test_decorator(self):
        @gilyield.paused()
        def depth(n):
            """Docstring."""
            return depth(n - 1) if n else self.open_pauses()

        self.assertEqual(depth(2), 3)
        self.assertEqual((depth.__name__, depth.__doc__), ("depth", "Docstring."))

    def test_threads(self):
        """One object serves all threads at once: each of them has its own pause open while it is inside."""
        pause, inside, seen = gilyield.paused(), threading.Barrier(4), []

        def work():
            for _ in range(100):
                with pause:
                    inside.wait(10)
                    seen.append(self.open_pauses())
                    inside.wait(10)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(seen, [4] * 400)


class Seeing(StubCase):
    """Stall reports, threads and the timeline; the stub has one of each."""

    def test_watch_calls_back(self):
        seen = []
        gilyield.watch(on_stall=seen.append)
        self.addCleanup(gilyield.unwatch)
        (stall,) = seen
        self.assertEqual((stall.kind, stall.file, stall.line, stall.thread, stall.ms), ("gil", "/app/f.py", 12, "hog", 412.0))
        self.assertEqual(repr(stall).splitlines()[1:], ["    called from x"])

    def test_a_callback_that_fails_is_reported(self):
        caught = []
        hook, sys.unraisablehook = sys.unraisablehook, lambda unraisable: caught.append(str(unraisable.exc_value))
        self.addCleanup(setattr, sys, "unraisablehook", hook)
        self.addCleanup(gilyield.unwatch)
        gilyield.watch(on_stall=lambda stall: {}["x"])
        self.assertEqual(caught, ["'x'"])

    def test_bad_options(self):
        for value in 0, -1, 60001:
            with self.assertRaisesRegex(ValueError, f"threshold_ms={value} is not accepted: use whole numbers from 1 to 60000"):
                gilyield.watch(value)
        for value in "100", 1.5, True, None:
            with self.assertRaises(TypeError):
                gilyield.watch(value)
        with self.assertRaisesRegex(TypeError, "on_stall=3 is not accepted: use a function, or None"):
            gilyield.watch(on_stall=3)
        with self.assertRaisesRegex(gilyield.Error, "^/some: the file cannot be written: No space left on device$"):
            gilyield.watch(60000, file="/some")
        try:
            gilyield.watch(0)
        except ValueError as error:
            self.assertEqual(len(traceback.extract_tb(error.__traceback__)), 2, "the caller's line, and the function")
        with self.assertRaisesRegex(gilyield.Error, "^'': the file"):
            gilyield.watch(60000, file="")
        self.refuses_what_is_no_path("file", "a path, or None", lambda path: gilyield.watch(file=path))

    def refuses_what_is_no_path(self, name, accepted, call):
        for path in 5, 1.5, True, ["x"]:
            with self.assertRaisesRegex(TypeError, re.escape(f"{name}={path!r} is not accepted: use {accepted}") + "$"):
                call(path)
        for path in "a\0b", b"a\0b", "\ud800":
            with self.assertRaisesRegex(ValueError, re.escape(f"{name}={path!r} is not accepted: use {accepted}") + "$"):
                call(path)

    def test_no_stalls(self):
        self.assertIn("gilyield is off: nothing is watched", repr(_watch.nothing(False, 100)))
        self.assertIn("nothing is watched: call gilyield.watch() first", repr(_watch.nothing(True, 0)))
        self.assertIn("never late by more than 100 ms since", repr(_watch.nothing(True, 100)))

    def test_stalls(self):
        (place,) = gilyield.stalls()
        self.assertEqual((place.kind, place.line, place.count, place.total_ns), ("python", 7, 3, 900000000))
        self.assertIn("3 x, 900 ms in all, longest 310 ms", repr(gilyield.stalls()))
        self.assertIn("it ran Python, at /app/g.py:7, in slot", repr(gilyield.stalls()))
        again = dataclasses.replace(place, text=place.text + " (here 3 times, 900 ms in all)\n    called from x (here 9 times, 1 s in all)")
        self.assertTrue(repr(gilyield.Stalls([again])).endswith("it ran Python, at /app/g.py:7, in slot"))

    def test_threads(self):
        worker, gui = gilyield.threads()
        self.assertEqual((worker.name, worker.share, worker.waits, worker.computes), ("worker", 0.8, True, True))
        self.assertTrue(gui.on_gui and gui.holds)
        lines = repr(gilyield.threads()).splitlines()
        self.assertEqual(lines[1].split()[:4], ["worker", "80.0", "%", "10.0"])
        self.assertTrue(lines[2].endswith("needs little  has the GIL for 0.05 ms"))

    def test_top(self):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            table = gilyield.top(0.1, 2)
            table._thread.join(20)
        self.assertEqual(repr(table), "gilyield top: ended")
        lines = out.getvalue().splitlines()
        self.assertEqual([line for line in lines if line.startswith("gilyield top")], ["gilyield top: the last 0.1 s"] * 2)
        self.assertEqual([line.split()[:2] for line in lines[2:4]], [["12", "worker"], ["11", "GUI"]])
        with gilyield.top(50) as table:
            self.assertIn("until stop()", repr(table))
        table._thread.join(20)
        self.assertFalse(table._thread.is_alive())
        for seconds, count, error in ((0, 0, ValueError), ("1", 0, TypeError), (1, -1, ValueError), (1, 1.5, TypeError), (True, 0, TypeError)):
            with self.assertRaises(error):
                gilyield.top(seconds, count)

    def test_trace(self):
        with tempfile.TemporaryDirectory() as directory:
            with gilyield.trace(os.path.join(directory, "here.json")):
                with self.assertRaisesRegex(gilyield.Error, "a timeline is being recorded already: trace_stop"):
                    gilyield.trace_start()
            gilyield.trace_start()
            gilyield.trace_stop()
            with self.assertRaisesRegex(gilyield.Error, "^/full.json: the file cannot be written: No space left on device$"):
                gilyield.trace_stop("/full.json")
            for path in "", directory, os.path.join(directory, "no", "where.json"):
                with self.assertRaisesRegex(gilyield.Error, f"^{re.escape(path or repr(path))}: the file cannot be written: .*directory"):
                    with gilyield.trace(path):
                        self.fail("nothing is recorded that cannot be written")
            gilyield.trace_start()  # none of them has begun
            gilyield.trace_stop()
        self.refuses_what_is_no_path("path", "a path, or None", gilyield.trace_stop)
        self.refuses_what_is_no_path("path", "a path", gilyield.trace)
        with self.assertRaisesRegex(TypeError, "path=None is not accepted: use a path$"):
            gilyield.trace(None)


if __name__ == "__main__":
    unittest.main()
