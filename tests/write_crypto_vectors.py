"""Write tests/vectors/*.json anew. A deliberate act: these files say what every stored row must keep opening.

    python -m tests.write_crypto_vectors             writes only the files that do not exist yet
    python -m tests.write_crypto_vectors --replace   replaces them; needs a new version byte and a dual read

Every value is fictional; the keys are there to be read.
"""

import hashlib
import json
import sys
from pathlib import Path
from uuid import UUID

from accounts.crypto import context as contexts
from accounts.crypto.envelope import seal
from accounts.crypto.padding import pad
from accounts.crypto.passphrase import KdfParameters, stretch, wrap_root
from accounts.crypto.principal import Principal
from accounts.crypto.sealing import seal_to
from accounts.crypto.session_lock import lock
from accounts.crypto.shares import split
from tests import crypto_reference as reference

FOLDER = Path(__file__).parent / "vectors"
CASE, OTHER_CASE = UUID(int=0xCA5E << 96 | 1), UUID(int=0xCA5E << 96 | 2)
ROW, OTHER_ROW = UUID(int=0x4044 << 96 | 1), UUID(int=0x4044 << 96 | 2)
ALICE, BOB = UUID(int=0xA11CE << 96 | 1), UUID(int=0xB0B << 96 | 1)
TEAM = UUID(int=0x7EA4 << 96 | 1)
TEXT = "Interpellée à l’angle de Jean-Talon, 23 h 40."


def fixed(word: str, length: int = 32) -> bytes:
    return hashlib.shake_256(word.encode()).digest(length)


def flipped(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


def context_vectors() -> dict:
    token, receipt = fixed("token"), fixed("receipt", 16)
    opens = [
        ("field", ["record", CASE, ROW], contexts.field_context("record", CASE, ROW)),
        ("grant", ["case", CASE, 3, TEAM, 2], contexts.grant_context("case", CASE, 3, TEAM, 2)),
        (
            "user-root",
            [ALICE, fixed("salt", 16), 3, 262144, 2],
            contexts.user_root_context(ALICE, fixed("salt", 16), KdfParameters()),
        ),
        (
            "recovery-code",
            [ALICE, fixed("salt", 16), 3, 262144, 2],
            contexts.recovery_code_context(ALICE, fixed("salt", 16), KdfParameters()),
        ),
        ("session", [ALICE, b"session one"], contexts.session_context(ALICE, b"session one")),
        ("statistic", [token], contexts.statistic_context(token)),
        ("audit", [41], contexts.audit_context(41)),
        ("receipt", [receipt], contexts.receipt_context(receipt)),
        ("release", ["draft", ROW], contexts.release_context("draft", ROW)),
        ("contact", [TEAM, ROW], contexts.contact_context(TEAM, ROW)),
        ("audit/veil", [41], contexts.audit_veil_context(41)),
        ("erased", ["case", CASE.bytes], contexts.erased_context("case", CASE.bytes)),
        ("register", ["incidents", ROW], contexts.register_context("incidents", ROW)),
        ("draft", [ALICE, ROW], contexts.draft_context(ALICE, ROW)),
        ("carried", ["form"], contexts.carried_context("form")),
        ("own-note", ["view", ALICE, ROW], contexts.own_note_context("view", ALICE, ROW)),
        ("story", ["passage", ROW], contexts.story_context("passage", ROW)),
        ("story/owner", ["QUOTE", ROW], contexts.story_owner_context("QUOTE", ROW)),
        ("story/person", [], contexts.story_person_context()),
        (
            "public-key",
            ["team", TEAM, 2, b"\x01" * 1217],
            contexts.public_key_context("team", TEAM, 2, b"\x01" * 1217),
        ),
    ]
    return {
        "must_open": [
            {
                "name": name,
                "label": f"temoin/v1/{name}",
                "parts": [typed(part) for part in parts],
                "encoded": encoded,
            }
            for name, parts, encoded in opens
        ],
        "must_fail": [],
    }


def typed(part: object) -> list:
    kind = {UUID: "uuid", str: "text", int: "number", bytes: "bytes"}[type(part)]
    return [kind, part]


def padding_vectors() -> dict:
    texts = [b"", b"a", b"a" * 31, b"a" * 32, b"a" * 100, b"ends in zeros\0\0", b"ends in a mark\x80"]
    wrong = {
        "empty": b"",
        "no mark": bytes(32),
        "mark missing at the end of the text": b"a" * 32,
        "not a padded size": b"a" * 32 + b"\x80",
        "longer than needed": b"a\x80" + bytes(34),
        "shorter than the least size": b"a\x80" + bytes(6),
    }
    return {
        "must_open": [
            {"name": f"{len(text)} bytes", "plaintext": text, "padded": pad(text)} for text in texts
        ],
        "must_fail": [{"name": name, "padded": padded} for name, padded in wrong.items()],
    }


def envelope_vectors() -> dict:
    key = fixed("case key")
    sealed = seal(key, 1, TEXT.encode(), contexts.field_context("record", CASE, ROW))
    base = {"key": key, "epoch": 1, "field": "record", "case": CASE, "row": ROW, "sealed": sealed}
    empty = seal(key, 2**32 - 1, b"", contexts.field_context("card", CASE, CASE))
    retired = seal(key, 1, TEXT.encode(), contexts.field_context("record", CASE, ROW))
    wrong = {
        "flipped byte in the nonce": {"sealed": flipped(sealed, 6)},
        "flipped byte in the ciphertext": {"sealed": flipped(sealed, 20)},
        "flipped byte in the tag": {"sealed": flipped(sealed, len(sealed) - 1)},
        "unknown version": {"sealed": b"\x02" + sealed[1:]},
        "version nought": {"sealed": b"\x00" + sealed[1:]},
        "unknown algorithm": {"sealed": sealed[:1] + b"\x02" + sealed[2:]},
        "retired epoch": {"sealed": retired, "epoch": 2},
        "epoch rewritten in the header": {"sealed": sealed[:5] + b"\x02" + sealed[6:], "epoch": 2},
        "epoch beyond 4 bytes": {"epoch": 2**32 + 1},
        "other row": {"row": OTHER_ROW},
        "other case": {"case": OTHER_CASE},
        "other field": {"field": "card"},
        "case and row exchanged": {"case": ROW, "row": CASE},
        "other key": {"key": fixed("another case key")},
        "truncated": {"sealed": sealed[:-1]},
        "truncated to its header": {"sealed": sealed[:6]},
        "one byte short of the least envelope": {"sealed": sealed[:33]},
        "empty": {"sealed": b""},
        "longer by a byte": {"sealed": sealed + b"\0"},
    }
    return {
        "must_open": [
            {"name": "a record", **base, "plaintext": TEXT.encode()},
            {
                "name": "an empty card at the last epoch",
                "key": key,
                "epoch": 2**32 - 1,
                "field": "card",
                "case": CASE,
                "row": CASE,
                "sealed": empty,
                "plaintext": b"",
            },
        ],
        "must_fail": [{"name": name, **base, **change} for name, change in wrong.items()],
    }


def principal_vectors() -> dict:
    opens = []
    for kind, identity, epoch in (("user", ALICE, 1), ("team", TEAM, 7), ("organisation", TEAM, 1)):
        principal = Principal(kind, identity, epoch, fixed(f"root of the {kind}"))
        place = contexts.grant_context("case", CASE, 1, identity, epoch)
        message = contexts.public_key_context(kind, identity, epoch, principal.public_key)
        opens.append(
            {
                "name": f"{kind} at epoch {epoch}",
                "principal": described(principal),
                "public_key": principal.public_key,
                "signing_public_key": principal.signing_public_key,
                "message": message,
                "signature": principal.sign(message),
                "derive": {"label": "example", "parts": [typed(CASE), typed(5)], "length": 48},
                "derived": principal.derive("example", CASE, 5, length=48),
                "context": place,
                "wrapped": principal.seal(fixed("case key"), place),
                "plaintext": fixed("case key"),
            }
        )
    first = opens[0]
    wrong = {
        "signature: flipped byte": {"signature": flipped(first["signature"], 3)},
        "signature: other message": {"message": first["message"] + b"\0"},
        "signature: other signer": {"signing_public_key": opens[1]["signing_public_key"]},
        "signature: truncated": {"signature": first["signature"][:-1]},
        "signature: no public key": {"signing_public_key": b""},
    }
    kept = {name: first[name] for name in ("signing_public_key", "message", "signature")}
    return {
        "must_open": opens,
        "must_fail": [{"name": name, **kept, **change} for name, change in wrong.items()],
    }


def described(principal: Principal) -> dict:
    return {"kind": principal.kind, "id": principal.id, "epoch": principal.epoch, "root": principal.root}


def sealing_vectors() -> dict:
    team = Principal("team", TEAM, 2, fixed("root of the team"))
    place = contexts.grant_context("case", CASE, 1, TEAM, 2)
    sealed = seal_to(team.public_key, fixed("case key"), place)
    base = {"principal": described(team), "context": place, "sealed": sealed}
    wrong = {
        "flipped byte in the ML-KEM ciphertext": {"sealed": flipped(sealed, 2)},
        "flipped byte in the X25519 share": {"sealed": flipped(sealed, 2 + 1088)},
        "flipped byte in the ciphertext": {"sealed": flipped(sealed, 2 + 1120)},
        "flipped byte in the tag": {"sealed": flipped(sealed, len(sealed) - 1)},
        "unknown version": {"sealed": b"\x02" + sealed[1:]},
        "unknown suite": {"sealed": sealed[:1] + b"\x02" + sealed[2:]},
        "retired epoch": {"principal": {**described(team), "epoch": 3}},
        "other kind of principal": {"principal": {**described(team), "kind": "user"}},
        "other principal": {"principal": {**described(team), "id": BOB}},
        "other root": {"principal": {**described(team), "root": fixed("root of another team")}},
        "granted for another case": {"context": contexts.grant_context("case", OTHER_CASE, 1, TEAM, 2)},
        "granted at another epoch of the case": {"context": contexts.grant_context("case", CASE, 2, TEAM, 2)},
        "truncated": {"sealed": sealed[:-1]},
        "truncated inside the encapsulated key": {"sealed": sealed[:1000]},
        "empty": {"sealed": b""},
    }
    nothing = seal_to(team.public_key, b"", contexts.audit_context(0))
    return {
        "must_open": [
            {"name": "a case key for a team", **base, "plaintext": fixed("case key")},
            {
                "name": "nothing at all",
                "principal": described(team),
                "context": contexts.audit_context(0),
                "sealed": nothing,
                "plaintext": b"",
            },
        ],
        "must_fail": [{"name": name, **base, **change} for name, change in wrong.items()],
    }


def passphrase_vectors() -> dict:
    cheap = KdfParameters(iterations=2, memory_kib=256, lanes=2)
    opens = [
        wrapped("letters alone", "correct horse battery staple", cheap),
        wrapped("composed accents", "été à Montréal", cheap),
        wrapped("the same accents, decomposed", "e\u0301te\u0301 a\u0300 Montre\u0301al", cheap),
        wrapped("full-width letters and a ligature", "Ｆｕｌｌ ﬁn", cheap),
        wrapped("the default cost", "correct horse battery staple", KdfParameters()),
    ]
    base = opens[0]
    lower = {"iterations": 1, "memory_kib": 64, "lanes": 1}
    wrong = {
        "other passphrase": {"passphrase": "correct horse battery stable"},
        "other salt": {"salt": fixed("another salt", 16)},
        "other pepper": {"pepper": fixed("another pepper")},
        "other user": {"user": BOB},
        "retired epoch": {"epoch": 2},
        "downgraded KDF: passes": {"iterations": 1},
        "downgraded KDF: memory": {"memory_kib": 64},
        "downgraded KDF: lanes": {"lanes": 1},
        "downgraded KDF: all, with the right wrap key": {**lower, "stretched_with": cost(cheap)},
        "flipped byte": {"sealed": flipped(base["sealed"], 30)},
        "unknown version": {"sealed": b"\x02" + base["sealed"][1:]},
        "truncated": {"sealed": base["sealed"][:-1]},
    }
    kept = {name: value for name, value in base.items() if name not in ("verifier", "wrap_key", "root")}
    return {
        "must_open": opens,
        "must_fail": [{**kept, **change, "name": name} for name, change in wrong.items()],
    }


def wrapped(name: str, passphrase: str, parameters: KdfParameters) -> dict:
    salt, pepper = fixed("salt", 16), fixed("pepper")
    alice = Principal("user", ALICE, 1, fixed("root of the user"))
    stretched = stretch(passphrase, salt, parameters, pepper)
    return {
        "name": name,
        "passphrase": passphrase,
        "salt": salt,
        "pepper": pepper,
        **cost(parameters),
        "user": ALICE,
        "epoch": 1,
        "verifier": stretched.verifier,
        "wrap_key": stretched.wrap_key,
        "sealed": wrap_root(stretched, alice, salt, parameters),
        "root": alice.root,
    }


def cost(parameters: KdfParameters) -> dict:
    return {
        "iterations": parameters.iterations,
        "memory_kib": parameters.memory_kib,
        "lanes": parameters.lanes,
    }


def session_vectors() -> dict:
    alice = Principal("user", ALICE, 1, fixed("root of the user"))
    cookie_key, sealed = lock(alice, b"session one")
    base = {"cookie_key": cookie_key, "user": ALICE, "epoch": 1, "sealed": sealed, "session": b"session one"}
    wrong = {
        "other session": {"session": b"session two"},
        "other user": {"user": BOB},
        "retired epoch": {"epoch": 2},
        "other cookie": {"cookie_key": fixed("another cookie")},
        "cookie cut short": {"cookie_key": cookie_key[:16]},
        "no cookie": {"cookie_key": b""},
        "flipped byte": {"sealed": flipped(sealed, 25)},
        "unknown version": {"sealed": b"\x02" + sealed[1:]},
        "truncated": {"sealed": sealed[:-1]},
        "no store half": {"sealed": b""},
    }
    return {
        "must_open": [{"name": "one session", **base, "root": alice.root}],
        "must_fail": [{"name": name, **base, **change} for name, change in wrong.items()],
    }


def shares_vectors() -> dict:
    people, erasure = split(fixed("case key"))
    return {
        "must_open": [
            {"name": "a case key", "people": people, "erasure": erasure, "case_key": fixed("case key")}
        ],
        "must_fail": [
            {"name": "erasure share destroyed", "people": people, "erasure": b""},
            {"name": "erasure share cut short", "people": people, "erasure": erasure[:-1]},
            {"name": "people's share cut short", "people": people[:31], "erasure": erasure},
        ],
    }


def stream_vectors() -> dict:
    """Large files stand here as length and SHA-256: with key and salt given, every byte is determined."""
    opens = [stream_vector(length) for length in (0, 1, 65535, 65536, 65537, 131072, 131073)]
    chunk, head = 65552, 18
    first, second = [head, head + chunk], [head + chunk, head + 2 * chunk]
    last = [head + 2 * chunk, head + 2 * chunk + 17]
    start = [0, head]
    wrong = {
        "truncated file: last chunk missing": {"pieces": [start, first, second]},
        "truncated file: inside the last chunk": {"pieces": [start, first, second, [last[0], last[1] - 1]]},
        "truncated file: inside a full chunk": {"pieces": [[0, 1000]]},
        "truncated file: header only": {"pieces": [start]},
        "truncated file: half a header": {"pieces": [[0, 9]]},
        "empty": {"pieces": []},
        "chunks exchanged": {"pieces": [start, second, first, last]},
        "chunk repeated": {"pieces": [start, first, first, second, last]},
        "chunk left out": {"pieces": [start, second, last]},
        "last chunk twice": {"pieces": [start, first, second, last, last]},
        "longer by a byte": {"pieces": [start, first, second, last, [0, 1]]},
        "unknown version": {"flip": 0},
        "unknown algorithm": {"flip": 1},
        "flipped byte in the salt": {"flip": 2},
        "flipped byte in the first chunk": {"flip": 20},
        "flipped byte in the last tag": {"flip": last[1] - 1},
        "other file of the case": {"file": OTHER_ROW},
        "file of another case": {"case": OTHER_CASE},
        "retired case key": {"case_key": fixed("case key of the next epoch")},
    }
    return {
        "must_open": opens,
        "must_fail": [{"name": name, "of": 131073, **change} for name, change in wrong.items()],
    }


def stream_vector(length: int) -> dict:
    case_key, salt = fixed("case key"), fixed("stream salt", 16)
    file = reference.encrypt_file(reference.file_key(case_key, CASE, ROW), salt, counted(length))
    return {
        "name": f"{length} bytes",
        "case_key": case_key,
        "case": CASE,
        "file": ROW,
        "salt": salt,
        "length": length,
        "sealed_length": len(file),
        "sealed_sha256": hashlib.sha256(file).digest(),
    }


def counted(length: int) -> bytes:
    """The plaintext of the stream vectors: byte i is i mod 251."""
    return bytes(range(251)) * (length // 251) + bytes(range(length % 251))


SUBJECTS = {
    "context": context_vectors,
    "padding": padding_vectors,
    "envelope": envelope_vectors,
    "principal": principal_vectors,
    "sealing": sealing_vectors,
    "passphrase": passphrase_vectors,
    "session": session_vectors,
    "shares": shares_vectors,
    "stream": stream_vectors,
}


def write(folder: Path, replace: bool) -> list[str]:
    """Write what is missing (or everything) into ``folder`` and return the names written."""
    names = [name for name in SUBJECTS if replace or not (folder / f"{name}.json").exists()]
    for name in names:
        text = json.dumps(SUBJECTS[name](), default=as_text, indent=1, ensure_ascii=True)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return names


def as_text(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    written = write(FOLDER, replace="--replace" in sys.argv[1:])
    sys.stdout.write(f"written: {', '.join(written) or 'nothing, every file exists'}\n")
