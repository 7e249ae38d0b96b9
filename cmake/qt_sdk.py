# SPDX-License-Identifier: MIT
"""Make the directory for GILYIELD_QT_SDK out of the Qts of this machine: their headers, their moc, and stubs of their libraries for another
processor. A stub has the SONAME, the symbols and the symbol versions of a library, and no code: enough to link with. Needs pyelftools."""

import argparse
import os
import subprocess
import sys
from typing import Dict, Iterator, List, Optional, Tuple

from elftools.elf.elffile import ELFFile

# What the shims use of the C++ library that Qt Core brings with it. In the stub these have no version, as in any version of libstdc++.
CXX_RUNTIME = (
    "_ZSt7nothrow",
    "_ZTVN10__cxxabiv117__class_type_infoE",
    "_ZTVN10__cxxabiv120__si_class_type_infoE",
    "_ZdlPv",
    "_ZdlPvm",
    "_Znwm",
    "_ZnwmRKSt9nothrow_t",
    "__cxa_guard_abort",
    "__cxa_guard_acquire",
    "__cxa_guard_release",
    "__cxa_pure_virtual",
)
MODULES = ("Core", "Gui")
QMAKES = {"5": ("/usr/lib/qt5/bin/qmake", "qmake-qt5", "qmake"), "6": ("/usr/lib/qt6/bin/qmake", "qmake6", "qmake")}


def query(qmake: str, name: str) -> str:
    return subprocess.check_output([qmake, "-query", name], universal_newlines=True, stderr=subprocess.DEVNULL).strip()


def find_qmake(major: str) -> Optional[str]:
    for qmake in QMAKES[major]:
        try:
            if query(qmake, "QT_VERSION").startswith(major + "."):
                return qmake
        except (OSError, subprocess.CalledProcessError):
            pass
    return None


def exports(library: str) -> Tuple[str, Dict[str, List[str]]]:
    """Return a library's SONAME, and its defined symbols by version."""
    with open(library, "rb") as stream:
        elf = ELFFile(stream)
        (soname,) = [tag.soname for tag in elf.get_section_by_name(".dynamic").iter_tags() if tag.entry.d_tag == "DT_SONAME"]
        names = {
            entry["vd_ndx"]: next(auxiliaries).name for entry, auxiliaries in elf.get_section_by_name(".gnu.version_d").iter_versions()
        }
        versions = elf.get_section_by_name(".gnu.version")
        symbols: Dict[str, List[str]] = {}
        for number, symbol in enumerate(elf.get_section_by_name(".dynsym").iter_symbols()):
            index = versions.get_symbol(number)["ndx"]
            # Others are hidden: versions kept for programs linked long ago; or not the library's own.
            if symbol["st_shndx"] != "SHN_UNDEF" and isinstance(index, int) and index in names and symbol["st_info"]["type"] != "STT_NOTYPE":
                symbols.setdefault(names[index], []).append(symbol.name)
        symbols.pop(soname, None)
        return soname, symbols


def assembly(names: List[str]) -> Iterator[str]:
    # As data, of which the linker wants to know the size: in position-independent code that makes no difference to a caller.
    yield ".data"
    for name in names:
        yield ".globl %s\n.type %s, %%object\n.size %s, 8\n%s: .quad 0" % (name, name, name, name)


def make_stub(compiler: List[str], library: str, also: Tuple[str, ...], stub: str) -> None:
    soname, versions = exports(library)
    versions = {version: sorted(set(names) - set(also)) for version, names in versions.items()}
    with open(stub + ".s", "w", encoding="utf-8") as stream:
        stream.write("\n".join(assembly([name for names in versions.values() for name in names] + list(also))) + "\n")
    with open(stub + ".map", "w", encoding="utf-8") as stream:
        for version, names in sorted(versions.items()):
            stream.write("%s { %s };\n" % (version, " ".join(name + ";" for name in names)))
    command = [*compiler, "-shared", "-nostdlib", "-Wl,-soname," + soname, "-Wl,--version-script=" + stub + ".map", stub + ".s", "-o", stub]
    subprocess.check_call(command)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", help="is made, and must not exist")
    parser.add_argument("compiler", nargs=argparse.REMAINDER, help="the C compiler for the target, with its arguments")
    args = parser.parse_args()
    for major in QMAKES:
        qmake = find_qmake(major)
        if qmake is None:
            sys.exit("Qt %s is not there (Debian: %s)" % (major, {"5": "qtbase5-dev", "6": "qt6-base-dev"}[major]))
        sdk = os.path.join(args.directory, "qt" + major)
        os.makedirs(os.path.join(sdk, "lib"))
        os.symlink(query(qmake, "QT_INSTALL_HEADERS"), os.path.join(sdk, "include"))
        moc = os.path.join(query(qmake, "QT_HOST_BINS" if major == "5" else "QT_HOST_LIBEXECS"), "moc")
        os.symlink(moc, os.path.join(sdk, "moc"))
        for module in MODULES:
            name = "libQt%s%s.so" % (major, module)
            also = CXX_RUNTIME if module == "Core" else ()
            make_stub(args.compiler, os.path.join(query(qmake, "QT_INSTALL_LIBS"), name), also, os.path.join(sdk, "lib", name))


if __name__ == "__main__":
    main()
