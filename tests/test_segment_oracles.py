"""Segments and encodings are those of two other programs; each known difference is pinned."""

from __future__ import annotations

from collections import Counter

import pytest
import smsutil
from sms_toolkit import constants
from sms_toolkit.messages.profiling import profile_message
from sms_toolkit.utils import determine_encoding_for_string

from sendspec import sms
from sendspec.audience import scan
from tests.audiences import from_text
from tests.sms_texts import message_texts

COUNT = 10_000
TEXT = "Acme: %%TEXT%%"


@pytest.mark.parametrize("part", range(4))
def test_segments_of_every_recipient_are_those_of_two_other_programs(part, tmp_path):
    """The scan of a list, and the count of each text, agree with smsutil and sms-toolkit."""
    values = [*message_texts(COUNT // 4, seed=part)]
    texts = [TEXT.replace("%%TEXT%%", value) for value in values]
    parts = [smsutil.split(text) for text in texts]
    profiles = [profile_message(text)["num_segments"] for text in texts]
    assert profiles == [len(each.parts) for each in parts]
    assert profiles == [sms.segments(text) for text in texts]
    assert [each.encoding == "gsm0338" for each in parts] == [sms.is_gsm7(text) for text in texts]
    rows = "".join(
        f'1212{2_000_000 + row},"{value.replace(chr(34), chr(34) * 2)}"\n' for row, value in enumerate(values)
    )
    facts = scan(from_text(tmp_path, f"contactId,TEXT\n{rows}", content=TEXT))
    assert facts.text.by_segments == dict(sorted(Counter(profiles).items()))
    flipped = sum(each.count for each in facts.text.flipped.values())
    assert flipped == sum(each.encoding != "gsm0338" for each in parts)
    assert facts.segments == sum(profiles)


def test_encodings_of_single_characters():
    """Of all characters, the programs differ in one: smsutil takes the escape itself for GSM-7."""
    characters = [chr(code) for code in range(0x3000) if chr(code) != "\x1b"]
    for character in characters:
        assert smsutil.is_valid_gsm(character) == sms.is_gsm7(character), hex(ord(character))
        is_gsm = determine_encoding_for_string(character) == constants.GSM_ENCODING
        assert is_gsm == sms.is_gsm7(character), hex(ord(character))
    assert smsutil.is_valid_gsm("\x1b")
    assert not sms.is_gsm7("\x1b")  # 3GPP TS 23.038 keeps the code for the extension table.


def test_an_empty_text_has_no_segment():
    """The vendor refuses an empty text; smsutil counts one part, and sms-toolkit none."""
    assert sms.segments("") == profile_message("")["num_segments"] == 0
    assert len(smsutil.split("").parts) == 1


TWILIO = [
    ("flag", "я" * 65 + "🇩🇪" + "я" * 65, 2, 3),
    ("combining-accent", "я" * 66 + "e\u0301" + "я" * 66, 2, 3),
    ("variation-selector", "я" * 66 + "❤\ufe0f" + "я" * 66, 2, 3),
    ("skin-tone", "я" * 65 + "👍🏽" + "я" * 65, 2, 3),
    ("joiners", "👩\u200d👩\u200d👧" * 16 + "я" * 6, 2, 3),
    ("pair-of-surrogates", "я" * 66 + "😀" + "я" * 66, 3, 3),
    ("flags-between-borders", "я" * 67 + "🇩🇪" * 15 + "я" * 7, 2, 2),
    ("line-break-in-gsm7", "a" * 152 + "\r\n" + "a" * 152, 2, 2),
    ("empty", "", 0, 1),
]
"""Texts with the segments of sendspec, and of Twilio's sms-segments-calculator 1.3.0 (npm, 2026-11-27)."""


@pytest.mark.parametrize(
    ("text", "own", "twilio"), [row[1:] for row in TWILIO], ids=[row[0] for row in TWILIO]
)
def test_twilio_counts_more_where_a_cluster_would_be_split(text, own, twilio):
    """Twilio's calculator keeps a cluster of characters in one segment; the standard splits it."""
    assert sms.segments(text) == own
    assert whole_cluster_segments(text) == twilio


def whole_cluster_segments(text: str) -> int:
    """Count as Twilio's calculator: greedily, without a segment that ends within a cluster."""
    if sms.is_gsm7(text):
        return max(1, sms.segments(text))
    sizes = [len(cluster.encode("utf-16-le")) // 2 for cluster in clusters(text)]
    if sum(sizes) <= sms.UCS2_SINGLE:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > sms.UCS2_SEGMENT:
            count, used = count + 1, 0
        used += size
    return count


def clusters(text: str) -> list[str]:
    """Return the clusters of the texts above: joiners, marks, skin tones, and pairs of a flag."""
    found: list[str] = []
    for character in text:
        last = found[-1] if found else ""
        is_flag = (
            "\U0001f1e6" <= character <= "\U0001f1ff" and last and "\U0001f1e6" <= last[-1] <= "\U0001f1ff"
        )
        extends = character in "\u0301\ufe0f\u200d" or "\U0001f3fb" <= character <= "\U0001f3ff"
        if last and (extends or last.endswith("\u200d") or (is_flag and len(last) == 1)):
            found[-1] += character
        else:
            found.append(character)
    return found
