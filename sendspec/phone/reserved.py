"""Numbers that regulators reserve for films, books and examples; no phone has them.

Source: NANPA, 555 line numbers (0100-0199 for entertainment); Ofcom, telephone numbers for drama use;
ComReg, numbering conditions (020 91x xxxx); ARCEP, decision 2018-0881 (06 39 98 xx xx and others);
PTS, numbers for fiction (070-174 06 05 to 06 99); ACMA, phone numbers for use in creative works.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_AUSTRALIAN_MOBILES: Final = (
    "570006 570110 570156 570157 570158 570159 570313 570737 571266 571491 571804 572549 572665 572983 "
    "573087 573770 574118 574632 575254 575789 576398 576801 577426 577644 578148 578888 578957 579212 "
    "579455 579760"
)
RESERVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1": r"[2-9]\d\d55501\d\d",
        "33": r"(?:19900|26191|35301|46571|53649|63998)\d{4}",
        "353": r"2091\d{5}",
        "44": r"7700900\d{3}"
        r"|1632960\d{3}"  # numbers without an area
        r"|1(?:1[3-8]|[2-6]1)4960\d{3}"  # Leeds to Reading; Birmingham to Manchester
        r"|1914980\d{3}|2079460\d{3}|2920180\d{3}|2896496\d{3}"  # Tyneside, London, Cardiff, Belfast
        r"|3069990\d{3}|8081570\d{3}|9098790\d{3}",  # UK-wide, freephone, premium rate
        "46": r"7017406(?:0[5-9]|[1-9]\d)",
        "61": rf"491(?:{_AUSTRALIAN_MOBILES.replace(' ', '|')})",
    }
)
"""Pattern of the reserved national numbers by country code."""
