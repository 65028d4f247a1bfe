"""Keys are not printed, pickled, copied or quoted: error pages, logs, caches and task arguments do all four."""

import ast
import copy
import dataclasses
import pickle
import traceback
from pathlib import Path
from uuid import uuid4

import pytest

from accounts.crypto import context, passphrase, session_lock, shares, stream
from accounts.crypto.envelope import Cipher, open_sealed, seal
from accounts.crypto.padding import unpad
from accounts.crypto.passphrase import KDF_FOR_TESTS_INSECURE, KdfParameters, stretch
from accounts.crypto.principal import Principal, verify_signature
from accounts.crypto.sealed import SealBroken, Sealed, Unspoken
from accounts.crypto.sealing import KeyPair, seal_to

PACKAGE = Path(passphrase.__file__).parent
SECRET = b"canary-canary-canary-canary-0032"
CIPHER = Cipher(SECRET, 1)
ALICE = Principal("user", uuid4(), 1, SECRET)
STRETCHED = stretch("canary", bytes(16), KDF_FOR_TESTS_INSECURE, bytes(32))
KEEPERS = [CIPHER, ALICE, STRETCHED, KeyPair(SECRET), stream.Encryptor(SECRET)]
keepers = pytest.mark.parametrize("keeper", KEEPERS, ids=lambda keeper: type(keeper).__name__)


def spellings(secret: bytes) -> list[str]:
    return [secret.hex(), repr(secret)[2:-1], str(list(secret))]


@keepers
def test_printing_a_keeper_shows_none_of_its_keys(keeper):
    secrets = [SECRET, STRETCHED.verifier, STRETCHED.wrap_key, ALICE.derive("any")]
    shown = " ".join([str(keeper), repr(keeper), f"{keeper}", str([keeper]), str({"local": keeper})])
    assert all(spelling not in shown for secret in secrets for spelling in spellings(secret))
    assert "0x" not in shown


@keepers
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_keeper_cannot_be_pickled(keeper, protocol):
    with pytest.raises(TypeError, match="stays in memory"):
        pickle.dumps(keeper, protocol)


@keepers
def test_a_keeper_cannot_be_copied(keeper):
    for copied in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="stays in memory"):
            copied(keeper)


def test_every_class_that_holds_keys_is_tested_here():
    # The floors above keep keys too, and test them themselves.
    ours = {kept for kept in Unspoken.__subclasses__() if kept.__module__.startswith("accounts.crypto.")}
    assert {type(keeper) for keeper in KEEPERS} == ours


def test_a_principal_cannot_be_replaced_into_something_that_prints():
    assert not dataclasses.is_dataclass(ALICE)
    assert "canary" not in str(dataclasses.fields(STRETCHED))


FAILURES = {
    "wrong key": lambda: open_sealed(SECRET, 1, seal(bytes(32), 1, SECRET, SECRET), SECRET),
    "wrong context": lambda: ALICE.open(ALICE.seal(SECRET, SECRET), b"elsewhere"),
    "not sealed": lambda: open_sealed(SECRET, 1, SECRET, SECRET),
    "not sealed to": lambda: ALICE.open_from(SECRET * 50, SECRET),
    "sealed to somebody else": lambda: ALICE.open_from(
        seal_to(Principal.generate("user").public_key, SECRET, SECRET), SECRET
    ),
    "no public key": lambda: seal_to(SECRET, SECRET, SECRET),
    "no padding": lambda: unpad(SECRET),
    "wrong signature": lambda: verify_signature(ALICE.signing_public_key, SECRET * 2, SECRET),
    "wrong signing key": lambda: verify_signature(SECRET[:31], SECRET * 2, SECRET),
    "half a share": lambda: shares.join(SECRET, SECRET[:5]),
    "wrong cookie": lambda: session_lock.unlock(SECRET, ALICE.id, 1, SECRET * 3, SECRET),
    "short cookie": lambda: session_lock.unlock(SECRET[:5], ALICE.id, 1, SECRET * 3, SECRET),
    "wrong passphrase": lambda: passphrase.unwrap_root(
        STRETCHED, ALICE.id, 1, SECRET * 3, bytes(16), KDF_FOR_TESTS_INSECURE
    ),
    "truncated file": lambda: list(stream.decrypt(SECRET, [b"\x01\x02" + SECRET])),
}
MISTAKES = {
    "long passphrase": lambda: stretch("canary" * 400, SECRET, KdfParameters(), SECRET),
    "surrogate": lambda: stretch("canary\ud800", SECRET, KDF_FOR_TESTS_INSECURE, SECRET),
    "surrogate in a context": lambda: context.context("label", "canary\ud800"),
    "short root": lambda: Principal("user", uuid4(), 1, SECRET[:31]),
    "short key": lambda: Cipher(SECRET[:31], 1),
    "short seed": lambda: KeyPair(SECRET[:31]),
    "short case key": lambda: shares.split(SECRET[:31]),
    "short pepper": lambda: stretch("canary", SECRET, KDF_FOR_TESTS_INSECURE, SECRET[:31]),
}


def lines_of(error: BaseException) -> str:
    """The traceback as a log has it, without the lines of source, which quote this very file."""
    return "".join(traceback.TracebackException.from_exception(error).format_exception_only())


@pytest.mark.parametrize("act", FAILURES.values(), ids=FAILURES.keys())
def test_a_broken_seal_says_nothing_but_that(act):
    with pytest.raises(SealBroken) as broken:
        act()
    assert str(broken.value) == "the seal is broken"
    assert broken.value.args == ()
    assert broken.value.__cause__ is None
    assert broken.value.__context__ is None or broken.value.__suppress_context__
    assert "canary" not in lines_of(broken.value)


@pytest.mark.parametrize("act", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_callers_mistake_is_named_without_quoting_what_was_passed(act):
    with pytest.raises(ValueError) as mistake:
        act()
    assert "canary" not in str(mistake.value)
    assert mistake.value.__context__ is None or mistake.value.__suppress_context__


def test_a_broken_seal_takes_no_words_along():
    with pytest.raises(TypeError):
        SealBroken(SECRET)


def test_ciphertext_prints_as_its_length():
    sealed = CIPHER.seal(b"card", b"here")
    assert isinstance(sealed, Sealed)
    assert repr(sealed) == str(sealed) == f"<Sealed {len(sealed)} bytes>"
    assert bytes(sealed) == sealed


def test_the_package_imports_no_django_and_nothing_else_of_ours():
    for path in sorted(PACKAGE.glob("*.py")):
        for name in imported(path):
            assert name.split(".")[0] != "django", path.name
            assert not name.startswith("accounts") or name.startswith("accounts.crypto"), path.name


def imported(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names
