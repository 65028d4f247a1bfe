"""What is handed over: one ZIP, encrypted with AES-256 under a passphrase that is told separately. Any 7-Zip, WinZip, Keka or The
Unarchiver opens it. Its limits stand in docs/export.md: names and sizes of the files inside show."""

import io
import secrets
from typing import Final

import pyzipper
from django.views.decorators.debug import sensitive_variables

from accounts.passphrases import words

# WinZip's encryption stretches a passphrase only a thousandfold: the passphrase itself must be out of reach. 88 bits.
WORDS: Final = 8


@sensitive_variables()
def new_passphrase(language: str) -> str:
    return "-".join(secrets.choice(words(language)) for _ in range(WORDS))


@sensitive_variables()
def sealed(files: dict[str, bytes], passphrase: str) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        archive.setpassword(passphrase.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in files.items():
            # A date of the program, not of the act: it stands in the clear.
            archive.writestr(archive.zipinfo_cls(name, (2020, 1, 1, 0, 0, 0)), content)
    return out.getvalue()
