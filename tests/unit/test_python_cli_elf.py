# SPDX-License-Identifier: MIT
"""The ELF reader and the loader's search order, against the compiler and against the loader itself."""

import os
import subprocess
import sys
import unittest

from test_python_cli_common import Made

from gilyield import _elf


class Reader(Made):
    def test_reads_what_the_linker_wrote(self):
        self.library("lib/libone.so.1")
        path = self.library("lib/libtwo.so.2", f"-L{self.dir}/lib", "-l:libone.so.1", "-Wl,--enable-new-dtags,-rpath,$ORIGIN:/somewhere")
        elf = _elf.read(str(path))
        self.assertEqual(elf.soname, "libtwo.so.2")
        self.assertIn("libone.so.1", elf.needed)
        self.assertEqual((elf.runpath, elf.rpath, elf.interpreter), (("$ORIGIN", "/somewhere"), (), ""))

    def test_tells_rpath_from_runpath(self):
        elf = _elf.read(str(self.program("old", "-Wl,--disable-new-dtags,-rpath,/a:/b")))
        self.assertEqual((elf.rpath, elf.runpath), (("/a", "/b"), ()))
        self.assertTrue(elf.interpreter)

    def test_same_architecture_as_this_interpreter(self):
        self.assertTrue(_elf.read(str(self.program("p"))).loads_with(_elf.read(os.path.realpath(sys.executable))))

    def test_every_truncation_is_an_error_or_an_answer(self):
        whole = self.library("lib.so").read_bytes()
        path = self.dir / "cut"
        for size in [*range(200), *range(200, len(whole), 97)]:
            path.write_bytes(whole[:size])
            try:
                _elf.read(str(path))
            except _elf.NotElf:
                pass

    def test_no_elf_file(self):
        with self.assertRaises(_elf.NotElf):
            _elf.read(str(self.script("s", "#!/bin/sh\n")))


class Loader(Made):
    """Which file the loader takes: as the loader itself says, with LD_TRACE_LOADED_OBJECTS, for programs made here."""

    def setUp(self):
        super().setUp()
        for directory in ("a", "b", "c"):
            self.library(f"{directory}/libleaf.so.1")

    def check(self, program, library_path=""):
        environment = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_LIBRARY_PATH": library_path}
        lines = subprocess.run([str(program)], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        real = {words[0]: words[2] for words in map(str.split, lines) if len(words) >= 3 and words[1] == "=>"}
        mine = _elf.Search(_elf.read(str(program)), library_path).loaded()
        for name, path in real.items():
            found = mine[name]
            self.assertEqual(os.path.realpath(found.path) if found else "not", os.path.realpath(path) if path != "not" else "not", name)
        self.assertIn("libleaf.so.1", real)

    def leaf(self, directory):
        return [f"-L{self.dir / directory}", "-l:libleaf.so.1"]

    def test_runpath(self):
        self.check(self.program("p", *self.leaf("a"), "-Wl,--enable-new-dtags,-rpath,$ORIGIN/b"))

    def test_library_path_comes_before_runpath(self):
        self.check(self.program("p", *self.leaf("a"), "-Wl,--enable-new-dtags,-rpath,$ORIGIN/b"), str(self.dir / "c"))

    def test_rpath_comes_before_library_path(self):
        self.check(self.program("p", *self.leaf("a"), "-Wl,--disable-new-dtags,-rpath,$ORIGIN/b"), str(self.dir / "c"))

    def middle(self, tags):
        self.library("m/libmiddle.so.1", *self.leaf("a"), *tags)
        return [f"-L{self.dir / 'm'}", "-l:libmiddle.so.1", f"-Wl,-rpath-link,{self.dir / 'a'}"]

    def test_rpath_is_inherited(self):
        self.check(self.program("p", *self.middle([]), "-Wl,--disable-new-dtags,-rpath,$ORIGIN/m:$ORIGIN/b"))

    def test_runpath_is_not_inherited(self):
        self.check(self.program("p", *self.middle([]), "-Wl,--enable-new-dtags,-rpath,$ORIGIN/m:$ORIGIN/b"))

    def test_runpath_of_a_library_ends_the_inheritance(self):
        self.check(self.program("p", *self.middle(["-Wl,--enable-new-dtags,-rpath,$ORIGIN/../c"]), "-Wl,--disable-new-dtags,-rpath,$ORIGIN/m:$ORIGIN/b"))

    def test_origin_is_the_library_s(self):
        self.check(self.program("p", *self.middle(["-Wl,--enable-new-dtags,-rpath,$ORIGIN/../c"]), "-Wl,-rpath,$ORIGIN/m"))

    def test_wrong_architecture_is_passed_over(self):
        path = self.dir / "b/libleaf.so.1"
        data = bytearray(path.read_bytes())
        data[18:20] = (183 if data[18] != 183 else 62).to_bytes(2, sys.byteorder)
        path.write_bytes(data)
        self.check(self.program("p", *self.leaf("a"), "-Wl,--enable-new-dtags,-rpath,$ORIGIN/b:$ORIGIN/c"))


if __name__ == "__main__":
    unittest.main()
