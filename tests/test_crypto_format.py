"""docs/format.md names everything the code can write."""

import re
from pathlib import Path

from accounts.crypto import envelope, passphrase, sealing, stream

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")


def labels(*folders: Path) -> set[str]:
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")]
    return set(re.findall(r'"(temoin/v\d+/[a-z/-]+)"', "".join(sources)))


def test_every_label_in_the_code_stands_in_the_format_and_the_reverse():
    on_the_page = set(re.findall(r"`(temoin/v\d+/[a-z/-]+)`", PAGE))
    assert labels(ROOT / "accounts" / "crypto")
    assert labels(ROOT / "accounts" / "crypto") <= on_the_page
    assert on_the_page <= labels(ROOT / "accounts", ROOT / "casework")


def test_the_sizes_in_the_format_are_the_ones_of_the_code():
    assert f"{envelope.OVERHEAD} bytes longer than the plaintext" in PAGE
    assert f"{sealing.OVERHEAD} bytes longer than the plaintext" in PAGE
    assert f"{sealing.PUBLIC_KEY_BYTES} bytes, suite 0x01" in PAGE
    assert f"{stream.CHUNK} bytes of plaintext" in PAGE
    assert f"{passphrase.KdfParameters().memory_kib} KiB" in PAGE
