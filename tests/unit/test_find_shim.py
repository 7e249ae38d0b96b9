# SPDX-License-Identifier: MIT
"""How the Python module finds a shim, and what it does without one: each in a child process."""

import json
import os
import pathlib
import shutil
import tempfile
import textwrap
import unittest

import gilyield
from gilyield import _location
from module_stub import STUB, STUB_QT, run_child


class WithoutQt(unittest.TestCase):
    """Each in a child process without Qt and without a shim."""

    def test_import_loads_nothing(self):
        maps = run_child("print(open('/proc/self/maps').read())")
        self.assertIn("_gilyield.abi3.so", maps)
        self.assertNotIn("libgilyield", maps)
        self.assertNotIn("Qt", maps)

    def test_what_needs_qt_says_so(self):
        calls = ["enable()", "enable(interval_ms=50)", "configure(mode='auto')", "status()", "stats()"]
        for call in [*calls, "watch()", "stalls()", "threads()", "top()", "trace_start()", "trace_stop()", "trace('x')"]:
            code = f"try: gilyield.{call}\nexcept gilyield.Error as e: print(e)"
            self.assertRegex(run_child(code), "^there is no Qt in this process: gilyield works in Qt applications")

    def test_the_rest_is_harmless(self):
        code = """
            gilyield.disable()
            gilyield.reset_stats()
            gilyield.unwatch()
            with gilyield.paused(), gilyield.paused():
                print(gilyield.is_enabled())
            """
        self.assertEqual(run_child(code), "False")

    def test_bad_types_are_found_without_qt(self):
        code = "try: gilyield.enable(interval_ms='5')\nexcept TypeError as e: print(e)"
        self.assertIn("'5'", run_child(code))

    def test_the_extension_wants_to_be_attached(self):
        code = """
            from gilyield import _gilyield as g
            calls = [g.start, g.configure, g.stop, g.status, g.stats, g.reset_stats, lambda: g.strerror(0)]
            calls += [g.stalls, g.threads, g.trace_start, lambda: g.trace_stop(None), lambda: g.watch(1, None, None)]
            for call in calls:
                try: call()
                except gilyield.Error as e: print(e)
            print(g.find(), g.is_enabled(), g.pause(), g.resume(), g.resume())
            """
        lines = run_child(code).splitlines()
        self.assertEqual(lines[:-1], ["no gilyield library is attached: call attach() first"] * 12)
        self.assertEqual(lines[-1], "None False 1 0 0")


class Finding(unittest.TestCase):
    """How a shim is found, each in a child process; the stub takes the place of every shim."""

    LIBRARY = "print(gilyield.status().library)"

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = directory.name

    def add_shim(self, name):
        return shutil.copy(STUB, os.path.join(self.dir, name))

    def run_with_qt(self, code, *libraries, mode="RTLD_LOCAL", dirs=None, **environment):
        loads = "".join(f"qt{i} = ctypes.CDLL({path!r}, ctypes.{mode})\n" for i, path in enumerate(libraries))
        setup = f"import ctypes\nfrom gilyield import _location\n_location.LIBRARY_DIRS = {dirs or [self.dir]!r}\n{loads}"
        return run_child(setup + textwrap.dedent(code), **environment)

    def refusal(self, *libraries, before="", **kwargs):
        return self.run_with_qt(before + "try: gilyield.enable()\nexcept gilyield.Error as e: print(e)", *libraries, **kwargs)

    def test_preloaded(self):
        # The sanitizers' runtime has to stay first.
        preload = " ".join(filter(None, [os.environ.get("LD_PRELOAD"), STUB]))
        self.assertEqual(run_child("print(gilyield.is_enabled()); " + self.LIBRARY, LD_PRELOAD=preload), f"False\n{STUB}")

    def test_loaded_privately(self):
        self.assertEqual(self.run_with_qt(self.LIBRARY, STUB), STUB)

    def test_in_the_global_scope_under_any_name(self):
        linked = self.add_shim("libhost.so")
        self.assertEqual(self.run_with_qt(self.LIBRARY, linked, mode="RTLD_GLOBAL"), linked)

    def test_find_does_not_load(self):
        shim = self.add_shim("libgilyield-qt5.so.0")
        code = """
            gilyield.disable(), gilyield.is_enabled(), gilyield.reset_stats()
            with gilyield.paused(): pass
            print('libgilyield' in open('/proc/self/maps').read())
            """
        self.assertEqual(self.run_with_qt(code + self.LIBRARY, STUB_QT[5]), f"False\n{shim}")

    def test_the_qt_in_the_process_decides(self):
        shims = {major: self.add_shim(f"libgilyield-qt{major}.so.0") for major in (5, 6)}
        for mode in "RTLD_LOCAL", "RTLD_GLOBAL":
            for major in 5, 6:
                self.assertEqual(self.run_with_qt(self.LIBRARY, STUB_QT[major], mode=mode), shims[major])

    def test_of_two_qts_the_one_with_an_application(self):
        shims = {major: self.add_shim(f"libgilyield-qt{major}.so.0") for major in (5, 6)}
        for index, major in (0, 5), (1, 6):
            code = f"ctypes.c_void_p.in_dll(qt{index}, '_ZN16QCoreApplication4selfE').value = 1\n"
            self.assertEqual(self.run_with_qt(code + self.LIBRARY, STUB_QT[5], STUB_QT[6]), shims[major])

    def test_without_a_soversion(self):
        shim = self.add_shim("libgilyield-qt5.so")
        self.assertEqual(self.run_with_qt(self.LIBRARY, STUB_QT[5]), shim)

    def test_directories_in_order(self):
        shim = self.add_shim("libgilyield-qt5.so.0")
        self.assertEqual(self.run_with_qt(self.LIBRARY, STUB_QT[5], dirs=["/nowhere", self.dir]), shim)

    def test_by_soname_where_the_loader_looks(self):
        shim = self.add_shim("libgilyield-qt5.so.0")
        code = "from gilyield import _location; _location.LIBRARY_DIRS = []; import ctypes; qt = ctypes.CDLL(%r)\n" % STUB_QT[5]
        self.assertEqual(run_child(code + self.LIBRARY, LD_LIBRARY_PATH=self.dir), shim)

    def test_no_shim_for_this_qt(self):
        self.add_shim("libgilyield-qt6.so.0")
        message = self.refusal(STUB_QT[5])
        self.assertIn("Qt 5.15.8 is in this process, but libgilyield-qt5.so.0 could not be loaded", message)
        self.assertIn(self.dir, message)

    def test_a_shim_that_cannot_be_loaded(self):
        pathlib.Path(self.dir, "libgilyield-qt5.so.0").write_text("not a library at all")
        self.assertIn(f"{self.dir}/libgilyield-qt5.so.0: file too short", self.refusal(STUB_QT[5]))

    def test_a_library_that_is_no_shim(self):
        shutil.copy(STUB_QT[6], os.path.join(self.dir, "libgilyield-qt5.so.0"))
        self.assertIn("has no function gilyield_version", self.refusal(STUB_QT[5]))

    def renamed_qt(self):
        """Return the path of a Qt 5 whose SONAME is another."""
        path = pathlib.Path(self.dir, "libHostQt.so")
        path.write_bytes(pathlib.Path(STUB_QT[5]).read_bytes().replace(b"libQt5Core.so.5\0", b"libHostQt.so.5_\0"))
        return str(path)

    def test_a_renamed_qt_gets_no_second_one(self):
        renamed = self.renamed_qt()
        self.add_shim("libgilyield-qt5.so.0")
        code = """
            try: gilyield.enable()
            except gilyield.Error as e: print(e)
            maps = open('/proc/self/maps').read()
            print('libQt5Core' in maps, 'libgilyield' in maps)
            """
        output = self.run_with_qt(code, renamed, LD_LIBRARY_PATH=os.path.dirname(STUB_QT[5]))
        message, loaded = output.splitlines()
        self.assertIn(f"the Qt 5.15.8 in this process ({renamed}) is not known to the loader as libQt5Core.so.5", message)
        self.assertEqual(loaded, "False False")

    def test_an_application_in_the_renamed_one_of_two_qts(self):
        self.add_shim("libgilyield-qt5.so.0")
        before = "ctypes.c_void_p.in_dll(qt1, '_ZN16QCoreApplication4selfE').value = 1\n"
        self.assertIn("libHostQt.so) is not known to the loader", self.refusal(STUB_QT[5], self.renamed_qt(), before=before))

    def test_a_bundled_qt_under_another_file_name(self):
        bundled = shutil.copy(STUB_QT[5], os.path.join(self.dir, "libQt5Core-3fa9.so"))
        shim = self.add_shim("libgilyield-qt5.so.0")
        self.assertEqual(self.run_with_qt(self.LIBRARY, bundled), shim)

    def test_pauses_opened_before_there_is_a_shim(self):
        self.add_shim("libgilyield-qt5.so.0")
        code = """
            with gilyield.paused(), gilyield.paused():
                gilyield.enable()
                print(gilyield.status().paused)
            print(gilyield.status().paused)
            """
        self.assertEqual(self.run_with_qt(code, STUB_QT[5]), "2\n0")

    def test_several_threads_at_once(self):
        self.add_shim("libgilyield-qt5.so.0")
        code = """
            import threading
            barrier = threading.Barrier(8)
            def work():
                barrier.wait()
                gilyield.enable()
            threads = [threading.Thread(target=work) for _ in range(8)]
            for t in threads: t.start()
            for t in threads: t.join()
            print(gilyield.is_enabled())
            """
        self.assertEqual(self.run_with_qt(code, STUB_QT[5]), "True")

    def test_two_interpreters_share_the_shim(self):
        code = """
            try:
                import _xxsubinterpreters as sub
            except ImportError:
                import _interpreters as sub
            gilyield.enable()
            try:
                interpreter = sub.create("legacy") if hasattr(sub, "new_config") else sub.create(isolated=False)
            except TypeError:
                interpreter = sub.create()
            run = getattr(sub, "exec", None) or sub.run_string
            run(interpreter, "import gilyield; print(gilyield.is_enabled()); gilyield.disable()")
            sub.destroy(interpreter)
            print(gilyield.is_enabled())
            """
        self.assertEqual(self.run_with_qt(code, STUB).splitlines()[-1], "False")

    def test_directories_of_this_build(self):
        package = os.path.dirname(gilyield.__file__)
        for relative in _location.LIBRARY_DIRS:
            self.assertTrue(os.path.isdir(os.path.dirname(os.path.normpath(os.path.join(package, relative)))))

    def test_status_can_be_written_as_json(self):
        code = "import json; print(json.dumps(gilyield.status()._asdict(), default=str))"
        self.assertEqual(json.loads(self.run_with_qt(code, STUB))["library"], STUB)


if __name__ == "__main__":
    unittest.main()
