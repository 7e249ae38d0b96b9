# SPDX-License-Identifier: MIT
"""Which libraries a program will be loaded with: a small ELF reader, and the dynamic loader's search order (ld.so(8)).

Nothing is executed: `ldd` runs the program's own loader. pyelftools reads ELF as well, but a console tool that needs it is one
more dependency for every packager; a dozen fields of three headers are all that is wanted here.
"""

import collections
import glob
import os
import struct
from typing import BinaryIO, Deque, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NEEDED, _DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 1, 5, 14, 15, 29
_MACHINES = {3: "x86", 8: "MIPS", 20: "PowerPC", 21: "PowerPC 64", 40: "ARM", 62: "x86-64", 183: "ARM 64", 243: "RISC-V", 258: "LoongArch"}


class NotElf(Exception):
    """The file is not an ELF file, or a broken one."""


class Elf(NamedTuple):
    """What the dynamic loader reads in one file."""

    path: str
    bits: int
    big_endian: bool
    machine: int
    interpreter: str  #: the loader it asks for; "" for libraries and static programs
    needed: Tuple[str, ...]
    soname: str
    rpath: Tuple[str, ...]
    runpath: Tuple[str, ...]

    @property
    def architecture(self) -> str:
        """The processor it is for, in words."""
        return f"{self.bits}-bit {_MACHINES.get(self.machine, f'machine {self.machine}')}"

    def loads_with(self, other: "Elf") -> bool:
        """Whether both can be in one process."""
        return (self.bits, self.big_endian, self.machine) == (other.bits, other.big_endian, other.machine)


def is_elf(path: str) -> bool:
    """Return whether the file can be read and begins like an ELF file."""
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def read(path: str) -> Elf:
    """Return what the loader would read in this file. Raises NotElf, OSError."""
    with open(path, "rb") as file:
        try:
            return _parse(path, file)
        except (struct.error, ValueError, IndexError, OverflowError):
            raise NotElf(f"{path} is not a complete ELF file") from None


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    data = file.read(size)
    if len(data) < size:
        raise ValueError("short")
    return data


def _parse(path: str, file: BinaryIO) -> Elf:
    ident = file.read(16)
    if ident[:4] != b"\x7fELF":
        raise NotElf(f"{path} is not an ELF file")
    wide = ident[4] == 2
    order = ">" if ident[5] == 2 else "<"
    header = struct.unpack(order + ("HHIQQQIHHH" if wide else "HHIIIIIHHH"), _at(file, 16, 42 if wide else 30))
    machine, program_headers, entry_size, entry_count = header[1], header[4], header[8], header[9]

    loads: List[Tuple[int, int, int]] = []  # address, file offset, size in the file
    interpreter, dynamic = "", b""
    for index in range(entry_count):
        entry = _at(file, program_headers + index * entry_size, 56 if wide else 32)
        if wide:
            kind, _, offset, address, _, size = struct.unpack(order + "IIQQQQ", entry[:40])
        else:
            kind, offset, address, _, size = struct.unpack(order + "IIIII", entry[:20])
        if kind == _PT_LOAD:
            loads.append((address, offset, size))
        elif kind == _PT_INTERP:
            interpreter = os.fsdecode(_at(file, offset, size).rstrip(b"\0"))
        elif kind == _PT_DYNAMIC:
            dynamic = _at(file, offset, size)

    tags: Dict[int, List[int]] = {}
    for tag, value in struct.iter_unpack(order + ("qQ" if wide else "iI"), dynamic):
        if tag == 0:
            break
        tags.setdefault(tag, []).append(value)

    def strings(tag: int) -> Tuple[str, ...]:
        return tuple(os.fsdecode(table[value : table.index(b"\0", value)]) for value in tags.get(tag, ()))

    def directories(tag: int) -> Tuple[str, ...]:
        return tuple(entry for text in strings(tag) for entry in text.split(":") if entry)

    table = b""
    if _DT_STRTAB in tags:
        start = tags[_DT_STRTAB][0]
        for address, offset, size in loads:
            if address <= start < address + size:
                file.seek(offset + start - address)
                table = file.read(address + size - start)
    return Elf(
        path=path,
        bits=64 if wide else 32,
        big_endian=order == ">",
        machine=machine,
        interpreter=interpreter,
        needed=strings(_DT_NEEDED),
        soname="".join(strings(_DT_SONAME)[:1]),
        rpath=directories(_DT_RPATH),
        runpath=directories(_DT_RUNPATH),
    )


def _configured(path: str, seen: Set[str]) -> Iterator[str]:
    if path in seen:
        return
    seen.add(path)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        words = line.split("#")[0].split()
        if words[:1] == ["include"]:
            for pattern in words[1:]:
                for name in sorted(glob.glob(os.path.join(os.path.dirname(path), pattern))):
                    yield from _configured(name, seen)
        elif words:
            yield words[0]


def system_directories() -> List[str]:
    """Return where the loader looks by itself."""
    return [*_configured("/etc/ld.so.conf", set()), "/lib64", "/usr/lib64", "/lib", "/usr/lib"]


class Search:
    """The loader's search for libraries in one environment. Wrong architectures are passed over, as the loader does."""

    def __init__(self, program: Elf, library_path: str = "") -> None:
        self.program = program
        self._library_path = [entry or "." for entry in library_path.split(":")] if library_path else []
        self._system = system_directories()

    def _expanded(self, entry: str, requester: Elf) -> List[str]:
        origin = os.path.dirname(os.path.abspath(requester.path))
        entry = entry.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)
        if "$LIB" in entry or "${LIB}" in entry:  # what it stands for was fixed when the loader was built
            libs = ("lib64", "lib", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu")
            return [entry.replace("${LIB}", lib).replace("$LIB", lib) for lib in libs]
        return [entry]

    def _directories(self, chain: Tuple[Elf, ...]) -> Iterator[str]:
        requester = chain[-1]
        if not requester.runpath:
            for ancestor in reversed(chain):
                if not ancestor.runpath:
                    for entry in ancestor.rpath:
                        yield from self._expanded(entry, ancestor)
        yield from self._library_path
        for entry in requester.runpath:
            yield from self._expanded(entry, requester)
        yield from self._system

    def find(self, name: str, chain: Tuple[Elf, ...]) -> Optional[Elf]:
        """Return the library that the last of `chain` gets for a DT_NEEDED name; the chain leads there from the program."""
        paths = [name] if "/" in name else [os.path.join(directory, name) for directory in self._directories(chain)]
        for path in paths:
            try:
                found = read(path)
            except (OSError, NotElf):
                continue
            if found.loads_with(self.program):
                return found
        return None

    def loaded(self) -> Dict[str, Optional[Elf]]:
        """Return all libraries that come with the program, by the name asked for, in the loader's order; None: not found."""
        result: Dict[str, Optional[Elf]] = {}
        queue: Deque[Tuple[Elf, ...]] = collections.deque([(self.program,)])
        while queue:
            chain = queue.popleft()
            for name in chain[-1].needed:
                if name not in result:
                    found = result[name] = self.find(name, chain)
                    if found:
                        queue.append(chain + (found,))
        return result
