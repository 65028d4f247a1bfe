"""The frozen vectors: what must open for ever, and what must never open, each by the name of what is wrong."""

import hashlib
import io
import json
import re
import unicodedata
from pathlib import Path
from uuid import UUID

import pytest

from accounts.crypto import context as contexts
from accounts.crypto import stream
from accounts.crypto.envelope import open_sealed
from accounts.crypto.padding import pad, unpad
from accounts.crypto.passphrase import KdfParameters, stretch, unwrap_root
from accounts.crypto.principal import Principal, verify_signature
from accounts.crypto.sealed import SealBroken
from accounts.crypto.session_lock import unlock
from accounts.crypto.shares import join
from tests import crypto_reference as reference
from tests import write_crypto_vectors as writer

FOLDER = Path(__file__).parent / "vectors"
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TEXTS = {"name", "label", "kind", "field", "passphrase"}


def load(subject: str, part: str) -> list:
    return json.loads((FOLDER / f"{subject}.json").read_text(encoding="utf-8"))[part]


def vectors(subject: str, part: str):
    return [pytest.param(decoded(case), id=case["name"]) for case in load(subject, part)]


def decoded(value, name=""):
    if isinstance(value, dict):
        return {key: decoded(inner, key) for key, inner in value.items()}
    if name == "parts":
        return [part_of(kind, inner) for kind, inner in value]
    if not isinstance(value, str) or name in TEXTS:
        return value
    return UUID(value) if UUID_FORM.fullmatch(value) else bytes.fromhex(value)


def part_of(kind, value):
    return {"uuid": UUID, "bytes": bytes.fromhex}.get(kind, lambda same: same)(value)


def parameters_of(case) -> KdfParameters:
    return KdfParameters(case["iterations"], case["memory_kib"], case["lanes"])


@pytest.mark.parametrize("case", vectors("context", "must_open"))
def test_every_place_encodes_as_it_always_did(case):
    builder = getattr(contexts, re.sub("[-/]", "_", case["label"].removeprefix("temoin/v1/")) + "_context")
    parts = case["parts"]
    if case["label"].endswith(("user-root", "recovery-code")):
        parts = [*parts[:2], KdfParameters(*parts[2:])]
    assert builder(*parts) == case["encoded"]
    assert contexts.context(case["label"], *case["parts"]) == case["encoded"]
    assert reference.encode(case["label"], *case["parts"]) == case["encoded"]


def test_every_context_function_has_a_vector():
    labels = {case["label"] for case in load("context", "must_open")}
    known = {
        value for name, value in vars(contexts).items() if name.isupper() and str(value).startswith("temoin/")
    }
    assert labels == known


@pytest.mark.parametrize("case", vectors("padding", "must_open"))
def test_padded_texts_keep_their_size_and_open(case):
    assert pad(case["plaintext"]) == reference.padded(case["plaintext"]) == case["padded"]
    assert unpad(case["padded"]) == case["plaintext"]


@pytest.mark.parametrize("case", vectors("padding", "must_fail"))
def test_it_refuses_a_malformed_padding(case):
    with pytest.raises(SealBroken):
        unpad(case["padded"])


@pytest.mark.parametrize("case", vectors("envelope", "must_open"))
def test_a_sealed_field_opens_in_its_place(case):
    place = contexts.field_context(case["field"], case["case"], case["row"])
    assert open_sealed(case["key"], case["epoch"], case["sealed"], place) == case["plaintext"]
    assert (
        reference.open_envelope(case["key"], case["epoch"], case["sealed"], reference_field(case))
        == case["plaintext"]
    )


def reference_field(case) -> bytes:
    return reference.encode("temoin/v1/field", case["field"], case["case"], case["row"])


@pytest.mark.parametrize("case", vectors("envelope", "must_fail"))
def test_a_sealed_field_opens_nowhere_else(case):
    place = contexts.field_context(case["field"], case["case"], case["row"])
    with pytest.raises(SealBroken):
        open_sealed(case["key"], case["epoch"], case["sealed"], place)


@pytest.mark.parametrize("case", vectors("principal", "must_open"))
def test_everything_follows_from_the_root_as_it_always_did(case):
    principal, wanted = Principal(**case["principal"]), case["derive"]
    assert principal.public_key == case["public_key"]
    assert principal.signing_public_key == case["signing_public_key"]
    assert principal.sign(case["message"]) == case["signature"]
    assert principal.derive(wanted["label"], *wanted["parts"], length=wanted["length"]) == case["derived"]
    assert principal.open(case["wrapped"], case["context"]) == case["plaintext"]
    verify_signature(case["signing_public_key"], case["signature"], case["message"])


@pytest.mark.parametrize("case", vectors("principal", "must_open"))
def test_a_second_reading_of_the_format_derives_the_same_keys(case):
    who, wanted = case["principal"], case["derive"]
    signing = reference.signing_key(**who)
    assert reference.public_key(**who) == case["public_key"]
    assert signing.public_key().public_bytes_raw() == case["signing_public_key"]
    assert signing.sign(case["message"]) == case["signature"]
    assert (
        reference.derived_key(**who, label=wanted["label"], parts=wanted["parts"], length=wanted["length"])
        == case["derived"]
    )
    opened = reference.open_envelope(
        reference.wrap_key(**who), who["epoch"], case["wrapped"], case["context"]
    )
    assert opened == case["plaintext"]


@pytest.mark.parametrize("case", vectors("principal", "must_fail"))
def test_it_refuses_a_signature_that_is_not_by_the_signer_over_the_message(case):
    with pytest.raises(SealBroken):
        verify_signature(case["signing_public_key"], case["signature"], case["message"])


@pytest.mark.parametrize("case", vectors("sealing", "must_open"))
def test_what_was_sealed_to_a_public_key_opens_with_its_root(case):
    opened = Principal(**case["principal"]).open_from(case["sealed"], case["context"])
    by_hand = reference.open_sealed_to(
        *reference.key_pair(**case["principal"]), case["sealed"], case["context"]
    )
    assert opened == by_hand == case["plaintext"]


@pytest.mark.parametrize("case", vectors("sealing", "must_fail"))
def test_what_was_sealed_to_a_public_key_opens_with_nothing_else(case):
    with pytest.raises(SealBroken):
        Principal(**case["principal"]).open_from(case["sealed"], case["context"])


@pytest.mark.parametrize("case", vectors("passphrase", "must_open"))
def test_a_passphrase_opens_the_root_it_wrapped(case):
    parameters = parameters_of(case)
    stretched = stretch(case["passphrase"], case["salt"], parameters, case["pepper"])
    alice = unwrap_root(stretched, case["user"], case["epoch"], case["sealed"], case["salt"], parameters)
    assert stretched.matches(case["verifier"])
    assert stretched.wrap_key == case["wrap_key"]
    assert (alice.kind, alice.id, alice.epoch, alice.root) == ("user", case["user"], 1, case["root"])


@pytest.mark.parametrize("case", vectors("passphrase", "must_open")[:4])
def test_a_second_reading_of_the_format_stretches_alike(case):
    normalised = unicodedata.normalize("NFKC", case["passphrase"]).encode()
    cost = (case["iterations"], case["memory_kib"], case["lanes"])
    assert reference.stretched(normalised, case["salt"], case["pepper"], *cost) == (
        case["verifier"],
        case["wrap_key"],
    )


@pytest.mark.parametrize("case", vectors("passphrase", "must_fail"))
def test_a_root_does_not_open_for_another_passphrase_place_or_cost(case):
    stretched_with = parameters_of(case.get("stretched_with", case))
    stretched = stretch(case["passphrase"], case["salt"], stretched_with, case["pepper"])
    with pytest.raises(SealBroken):
        unwrap_root(stretched, case["user"], case["epoch"], case["sealed"], case["salt"], parameters_of(case))


@pytest.mark.parametrize("case", vectors("session", "must_open"))
def test_both_halves_of_a_session_open_the_root(case):
    halves = {name: case[name] for name in ("cookie_key", "user", "epoch", "sealed", "session")}
    assert unlock(**halves).root == case["root"]


@pytest.mark.parametrize("case", vectors("session", "must_fail"))
def test_a_session_does_not_open_with_other_halves(case):
    halves = {name: case[name] for name in ("cookie_key", "user", "epoch", "sealed", "session")}
    with pytest.raises(SealBroken):
        unlock(**halves)


@pytest.mark.parametrize("case", vectors("shares", "must_open"))
def test_both_shares_give_the_case_key(case):
    assert join(case["people"], case["erasure"]) == case["case_key"]


@pytest.mark.parametrize("case", vectors("shares", "must_fail"))
def test_without_a_whole_erasure_share_there_is_no_case_key(case):
    with pytest.raises(SealBroken):
        join(case["people"], case["erasure"])


def sealed_file(case) -> bytes:
    key = reference.file_key(case["case_key"], case["case"], case["file"])
    return reference.encrypt_file(key, case["salt"], writer.counted(case["length"]))


@pytest.mark.parametrize("case", vectors("stream", "must_open"))
def test_a_file_opens_whole_and_in_part(case):
    sealed, plaintext = sealed_file(case), writer.counted(case["length"])
    key = stream.file_key(case["case_key"], case["case"], case["file"])
    assert (len(sealed), hashlib.sha256(sealed).digest()) == (case["sealed_length"], case["sealed_sha256"])
    assert b"".join(stream.decrypt(key, [sealed])) == plaintext
    assert b"".join(stream.decrypt_range(key, io.BytesIO(sealed), 65530, 20)) == plaintext[65530:65550]


@pytest.mark.parametrize("case", vectors("stream", "must_fail"))
def test_an_altered_file_does_not_open(case):
    whole = next(decoded(opens) for opens in load("stream", "must_open") if opens["length"] == case["of"])
    sealed, opener = sealed_file(whole), {**whole, **case}
    if "pieces" in case:
        sealed = b"".join(sealed[begin:end] for begin, end in case["pieces"])
    if "flip" in case:
        sealed = writer.flipped(sealed, case["flip"])
    key = stream.file_key(opener["case_key"], opener["case"], opener["file"])
    with pytest.raises(SealBroken):
        list(stream.decrypt(key, [sealed]))


def test_the_named_failures_are_all_there():
    names = " | ".join(
        case["name"] for path in sorted(FOLDER.glob("*.json")) for case in load(path.stem, "must_fail")
    )
    for name in (
        "flipped byte",
        "other row",
        "other field",
        "unknown version",
        "retired epoch",
        "truncated file",
        "downgraded KDF",
        "other session",
    ):
        assert name in names


def test_the_writer_leaves_frozen_vectors_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "SUBJECTS", {"shares": writer.shares_vectors})
    assert writer.write(tmp_path, replace=False) == ["shares"]
    before = (tmp_path / "shares.json").read_bytes()
    assert writer.write(tmp_path, replace=False) == []
    assert (tmp_path / "shares.json").read_bytes() == before
    assert writer.write(tmp_path, replace=True) == ["shares"]
