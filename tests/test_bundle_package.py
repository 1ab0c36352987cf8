"""The bundle as files: the same bytes everywhere, and nothing taken in that is not whole."""

from __future__ import annotations

import io
import json
import stat
import warnings
import zipfile

import pytest
from small_bundle import first, second

from autograder.bundle.package import (
    INDEX,
    from_zip,
    open_bundle,
    sealed,
    write_folder,
    zip_bytes,
)
from autograder.errors import UserError

FILES = {"a.txt": b"one\n", "folder/b.txt": b"two\n"}


def entries(data: bytes) -> list[zipfile.ZipInfo]:
    return zipfile.ZipFile(io.BytesIO(data)).infolist()


def rezipped(change) -> bytes:
    """The small bundle's zip, its entries changed by change(dict of contents)."""
    with zipfile.ZipFile(io.BytesIO(zip_bytes(first()))) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    change(found)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_the_order_of_the_files_does_not_matter():
    backwards = dict(reversed(FILES.items()))

    assert zip_bytes(sealed(FILES, "c", "1")) == zip_bytes(sealed(backwards, "c", "1"))


def test_a_zip_has_one_folder_fixed_times_and_plain_modes():
    found = entries(zip_bytes(sealed(FILES, "c", "1")))

    assert [entry.filename for entry in found] == ["c/.bundle.json", "c/a.txt", "c/folder/b.txt"]
    assert {entry.date_time for entry in found} == {(2000, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in found} == {stat.S_IFREG | 0o644}
    assert not any(entry.extra or entry.comment for entry in found)


def test_what_is_written_can_be_read_again(tmp_path):
    bundle = sealed(FILES, "c", "1.2")
    write_folder(bundle, tmp_path / "folder")
    (tmp_path / "it.zip").write_bytes(zip_bytes(bundle))

    assert open_bundle(tmp_path / "folder") == bundle
    assert open_bundle(tmp_path / "it.zip") == bundle


def test_a_folder_is_brought_up_to_date_and_keeps_what_is_not_ours(tmp_path):
    (tmp_path / ".git").mkdir()
    write_folder(first(), tmp_path)
    (tmp_path / "notes.md").touch()

    write_folder(second(), tmp_path)

    assert open_bundle(tmp_path) == second()
    assert not (tmp_path / "autograder/gone/old.py").exists()
    assert (tmp_path / "notes.md").exists()


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(UserError, match="holds something that is not a bundle"):
        write_folder(first(), tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "a/../../x", "a\\..\\x", "C:/x", "a//x", "./x", ".git/config", "a\nb", "x/"],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(UserError, match="is not safe to unpack: it has a file called"):
        from_zip(zip_bytes(sealed({**FILES, name: b""}, "c", "1")), "it.zip")


def test_a_name_in_the_index_alone_is_refused_too(tmp_path):
    write_folder(sealed(FILES, "c", "1"), tmp_path)
    index = json.loads((tmp_path / INDEX).read_text())
    index["files"]["../x"] = "0"
    (tmp_path / INDEX).write_text(json.dumps(index))

    with pytest.raises(UserError, match="is not safe to unpack"):
        open_bundle(tmp_path)


def test_a_link_is_refused():
    stream = io.BytesIO(zip_bytes(first()))
    with zipfile.ZipFile(stream, "a") as archive:
        link = zipfile.ZipInfo("small/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(UserError, match="'small/link' is a link"):
        from_zip(stream.getvalue(), "it.zip")


def test_a_file_that_is_there_twice_is_refused():
    stream = io.BytesIO(zip_bytes(first()))
    with zipfile.ZipFile(stream, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("small/VERSION", "9")

    with pytest.raises(UserError, match="it has a file twice"):
        from_zip(stream.getvalue(), "it.zip")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda found: found.pop("small/VERSION"), "VERSION is missing"),
        (lambda found: found.update({"small/VERSION": b"9"}), "VERSION is not as it was made"),
        (lambda found: found.update({"small/more": b""}), "more does not belong to it"),
        (lambda found: found.pop(f"small/{INDEX}"), "is no bundle of a course"),
        (lambda found: found.update({f"small/{INDEX}": b"{"}), "cannot be read"),
        (lambda found: found.update({f"small/{INDEX}": b"[]"}), "cannot be read"),
        (
            lambda found: found.update(
                {f"small/{INDEX}": b'{"format": 9, "files": {}, "course": "c", "version": "1"}'}
            ),
            "is of another form",
        ),
    ],
)
def test_what_is_not_whole_is_refused(change, sentence):
    with pytest.raises(UserError, match=sentence):
        from_zip(rezipped(change), "it.zip")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip at all",
        zip_bytes(first())[:-100],
        zip_bytes(first()).replace(b"\x00\x00\x00\x00", b"\xff\xff\xff\xff"),
    ],
)
def test_a_damaged_zip_gets_one_sentence(data):
    with pytest.raises(UserError) as caught:
        from_zip(data, "it.zip")

    assert str(caught.value).startswith("it.zip is")
    assert "\n" not in str(caught.value)


def test_every_flipped_byte_is_noticed_or_harmless():
    data = zip_bytes(sealed(FILES, "c", "1"))
    whole = from_zip(data, "it.zip")

    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]
        try:
            found = from_zip(flipped, "it.zip")
        except UserError:
            continue
        assert found == whole


def test_a_huge_zip_is_not_unpacked(monkeypatch):
    monkeypatch.setattr("autograder.bundle.package.MAX_BYTES", 100)

    with pytest.raises(UserError, match="too large to be a bundle"):
        from_zip(zip_bytes(first()), "it.zip")
