# SPDX-License-Identifier: MIT
"""Turn what libraries need of Qt from DT_NEEDED into DT_AUXILIARY, in place: the loader then takes the Qt that is there.

For the wheels. Nothing in them brings Qt or asks for one: a shim is opened where its Qt is in the process. Tools that read DT_NEEDED
would otherwise look for Qt beside the wheel, and take that of the machine that they run on for a part of it. Needs pyelftools.
"""

import struct
import sys

from elftools.elf.elffile import ELFFile

DT_AUXILIARY = 0x7FFFFFFD


def soften(path: str) -> None:
    with open(path, "r+b") as stream:
        dynamic = ELFFile(stream).get_section_by_name(".dynamic")
        size = dynamic["sh_entsize"]
        places = [
            dynamic["sh_offset"] + number * size
            for number, tag in enumerate(dynamic.iter_tags())
            if tag.entry.d_tag == "DT_NEEDED" and tag.needed.startswith("libQt")
        ]
        if not places:
            sys.exit(path + " needs no Qt")
        for place in places:
            stream.seek(place)
            stream.write(struct.pack("<Q", DT_AUXILIARY))


for argument in sys.argv[1:]:
    soften(argument)
