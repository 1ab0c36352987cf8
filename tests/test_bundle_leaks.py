"""The leak check finds no secret in the bundle, and every secret that is planted."""

from __future__ import annotations

import base64
import gzip
import io
import json
import marshal
import subprocess
import zipfile
import zlib
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from autograder.bundle.leaks import leaks, leaks_in
from autograder.bundle.package import zip_bytes
from autograder.bundle.secrets import Secrets, secret_texts, squeezed
from autograder.manifest import all_chapters, load_chapter


@pytest.fixture(scope="module")
def region(project) -> str:
    """The longest solution region of chapter 6, as its author wrote it."""
    found = secret_texts(load_chapter(project, "ch06_layers"))
    regions = ["\n".join(one.lines) for one in found if one.what.startswith("the solution")]
    return max(regions, key=len)


@pytest.fixture(scope="module")
def hidden(project) -> str:
    return (project.suites / "ch06_layers" / "test_hidden.py").read_text(encoding="utf-8")


def found_in(content: bytes | str, secrets: Secrets, path: str = "notes/file.txt") -> list[str]:
    data = content.encode() if isinstance(content, str) else content
    return leaks_in({path: data}, secrets)


def test_the_bundle_holds_no_secret(bundle, secrets):
    assert leaks_in(bundle.files, secrets) == []


def test_the_zip_holds_no_secret(bundle, secrets, tmp_path):
    (tmp_path / "it.zip").write_bytes(zip_bytes(bundle))

    assert leaks(tmp_path / "it.zip", secrets) == []


def test_there_is_something_to_look_for_in_every_chapter(project, secrets):
    kinds = ("the solution", "the hidden checks", "the model answers", "a catalogued mistake")
    named = set(secrets.needles.values())

    for chapter in all_chapters(project):
        assert {f"{kind} of {chapter.name}" for kind in kinds} <= named
    assert len(secrets.needles) > 3000


def test_the_secrets_themselves_are_found(project, secrets):
    """Each chapter's solution and hidden checks, if they came into the bundle as they are."""
    for chapter in all_chapters(project):
        texts = [chapter.source_file, chapter.suite_dir / "test_hidden.py"]
        texts.append(chapter.solution_dir / "lab.py")
        for path in texts:
            assert found_in(path.read_bytes(), secrets), path


def test_few_solutions_have_no_line_of_their_own(secrets):
    """One-liners that the third hint spells out, as it is meant to."""
    silent = [what for what in secrets.silent if what.startswith("the solution")]

    assert len(silent) <= 25


# Plants, one for each kind of hiding place


def test_in_a_text(region, secrets):
    found = found_in(f"A friend's notes\n{region}\n", secrets)

    assert any(
        sentence.startswith("notes/file.txt holds text of the solution of ch06_layers: ")
        for sentence in found
    )


def test_a_single_line_is_enough(secrets):
    what = "the solution of ch09_conv"
    needle = next(needle for needle, home in secrets.needles.items() if home == what)

    assert found_in(f"and then: {needle}", secrets) == [
        f"notes/file.txt holds text of {what}: {needle[:60]}"
    ]


def test_in_other_white_space_and_quotes(region, secrets):
    wrapped = region.replace(" ", "\n\t").replace('"', "'")

    assert found_in(wrapped, secrets)


def test_a_hidden_check(hidden, secrets):
    assert "the hidden checks of ch06_layers" in found_in(hidden, secrets)[0]


def test_in_the_documentation_of_the_bundle(bundle, region, secrets):
    readme = bundle.files["README.md"] + b"\n```python\n" + region.encode() + b"\n```\n"

    assert leaks_in({**bundle.files, "README.md": readme}, secrets)


def notebook(**cell: object) -> str:
    whole = {"cell_type": "code", "source": [], "metadata": {}, "outputs": [], **cell}
    return json.dumps({"cells": [whole], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize("place", ["source", "metadata", "outputs"])
def test_in_a_notebook(place, region, secrets):
    lines = region.splitlines(keepends=True)
    planted = {
        "source": notebook(source=lines),
        "metadata": notebook(metadata={"nbgrader": {"solution": region}}),
        "outputs": notebook(outputs=[{"output_type": "stream", "text": lines}]),
    }[place]

    assert found_in(planted, secrets, "assignments/ch06_layers/lab.ipynb")


def test_in_the_metadata_of_a_whole_notebook(region, secrets):
    assert found_in(json.dumps({"metadata": {"authors": [json.dumps(region)]}}), secrets)


def test_a_model_answer_in_a_notebook(project, secrets):
    found = secret_texts(load_chapter(project, "ch03_activations"))
    answer = next(one for one in found if one.what.startswith("the model answers"))

    assert found_in(notebook(cell_type="markdown", source=list(answer.lines)), secrets)


def test_in_recorded_outputs(bundle, region, secrets):
    path = "autograder/suites/ch06_layers/recorded.json"
    data = json.loads(bundle.files[path])
    data["mistakes"][next(iter(data["mistakes"]))]["symptom"] = region

    assert found_in(json.dumps(data), secrets, path)


def compiled(text: str) -> bytes:
    return MAGIC_NUMBER + bytes(12) + marshal.dumps(compile(text, "x.py", "exec"))


@pytest.mark.parametrize("path", ["autograder/__pycache__/x.cpython-311.pyc", "notes/data.bin"])
def test_in_bytecode(path, project, secrets):
    """A compiled reference without its docstrings has no line of text that could be found."""
    text = (project.solutions / "ch06_layers" / "layers.py").read_text(encoding="utf-8")
    code = compile(text, "x.py", "exec", optimize=2)
    content = MAGIC_NUMBER + bytes(12) + marshal.dumps(code)

    assert any(
        "solution of ch06_layers: a compiled function" in s
        for s in found_in(content, secrets, path)
    )


def test_a_compiled_hidden_check(hidden, secrets):
    assert any("hidden checks" in sentence for sentence in found_in(compiled(hidden), secrets))


def test_compiled_public_files_are_no_secret(project, secrets):
    public = (project.suites / "ch06_layers" / "test_public.py").read_text(encoding="utf-8")

    assert found_in(compiled(public), secrets, "notes/data.bin") == []


def test_bytecode_that_cannot_be_read_is_a_finding(secrets):
    other = b"\x01\x0d\r\n" + bytes(40)

    assert "cannot read" in found_in(other, secrets)[0]


def test_bytecode_does_not_belong_into_a_bundle_at_all(secrets):
    assert found_in(compiled("x = 1"), secrets, "autograder/__pycache__/x.cpython-311.pyc") == [
        "autograder/__pycache__/x.cpython-311.pyc is not for students"
    ]


@pytest.mark.parametrize(
    "hide",
    [
        gzip.compress,
        zlib.compress,
        base64.b64encode,
        base64.urlsafe_b64encode,
        lambda data: base64.b64encode(zlib.compress(data)),
        lambda data: b'{"x": "' + base64.b64encode(data) + b'"}',
        lambda data: data.decode().encode("utf-16"),
        lambda data: b"\x89PNG\r\n\x1a\n\xff\xfe" + data + b"\xff\x00",
    ],
    ids=[
        "gzip",
        "zlib",
        "base64",
        "url",
        "zlib in base64",
        "base64 in JSON",
        "utf-16",
        "a picture",
    ],
)
def test_in_another_form(hide, region, secrets):
    assert found_in(hide(region.encode()), secrets)


def zipped(comment: str = "", entry: str = "", name: str = "x.txt", content: str = "x") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name)
        info.comment = entry.encode()[:60000]
        archive.writestr(info, content)
        archive.comment = comment.encode()[:60000]
    return stream.getvalue()


@pytest.mark.parametrize("place", ["comment", "entry", "content"])
def test_in_a_zip(place, region, secrets, tmp_path):
    (tmp_path / "it.zip").write_bytes(zipped(**{place: region}))

    assert leaks(tmp_path / "it.zip", secrets)
    assert found_in(zipped(**{place: region}), secrets, "datasets/data.npz")


@pytest.mark.parametrize(
    "path",
    [
        "autograder/suites/ch06_layers/test_hidden.py",
        "autograder/suites/ch06_layers/mistakes.toml",
        "solutions/ch03_activations/lab.py",
        "grading/roster.csv",
        "grading/secret",
    ],
)
def test_a_file_that_has_no_business_there(path, secrets):
    assert leaks_in({path: b"x"}, secrets) == [f"{path} is not for students"]


def test_in_the_history_of_a_repository(region, secrets, tmp_path):
    """What was committed once and taken away again can be read for ever."""
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "README.md").touch()
    commit(folder, "one")
    (folder / "notes.txt").write_text(region, encoding="utf-8")
    commit(folder, "two")
    (folder / "notes.txt").unlink()
    commit(folder, "three")

    found = leaks(folder, secrets)

    assert found
    assert all(sentence.startswith("git object ") for sentence in found)


@pytest.mark.parametrize("message", ["a message", "a name"])
def test_beside_the_files_of_a_repository(message, region, secrets, tmp_path):
    if message == "a name":
        (tmp_path / "test_hidden.py").touch()
        commit(tmp_path, "one")
        (tmp_path / "test_hidden.py").unlink()
        commit(tmp_path, "two")
    else:
        commit(tmp_path, region)

    assert leaks(tmp_path, secrets)


def commit(folder: Path, message: str) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", message], check=True)


def test_a_released_solution_is_no_secret_but_its_checks_are(project):
    chapter = load_chapter(project, "ch03_activations")

    free = Secrets.of(project, ["ch03_activations"])

    assert found_in(chapter.source_file.read_bytes(), free) == []
    assert found_in((chapter.suite_dir / "test_hidden.py").read_bytes(), free)
    assert found_in((chapter.solution_dir / "lab.py").read_bytes(), free)


def test_what_is_squeezed_out():
    assert squeezed("a  =\t'b'\n") == 'a="b"'
    assert squeezed(r"a\n  \"b\\n") == 'a"b'
