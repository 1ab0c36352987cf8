"""The progress page: one HTML file without scripts or anything from elsewhere."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from html import escape

from autograder.learner.gallery import Drawn, draw_all
from autograder.learner.overview import ChapterStanding, detail, path_lines, total_line
from autograder.learner.standing import Standing

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>My progress</title>
<style>
body { font: 16px/1.5 sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd; }
td.points { text-align: right; }
.passed { color: #00694b; font-weight: bold; }
.fault { color: #a63f00; }
img { max-width: 100%; height: auto; background: #fff; }
figure { margin: 1.5rem 0; }
pre { overflow-x: auto; }
progress { width: 100%; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e6e6; background: #1a1a1a; }
  th, td { border-color: #444; }
  .passed { color: #5fd3ad; }
  .fault { color: #ffa066; }
}
</style>
</head>
<body>
"""


def page(found: list[ChapterStanding]) -> str:
    """Return the page. Draws pictures from the learner's code, in processes of their own."""
    parts = [_HEAD, "<h1>My progress</h1>\n", f"<p>{escape(_sum(found))}</p>\n"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each chapter is drawn in its own process
        drawn = pool.map(lambda one: draw_all(one.chapter) if _begun(one) else [], found)
        parts += [_chapter(one, pictures) for one, pictures in zip(found, drawn, strict=True)]
    parts.append(f"<h2>The path</h2>\n<pre>{escape(chr(10).join(path_lines(found)))}</pre>\n")
    return "".join([*parts, "</body>\n</html>\n"])


def pictures_page(title: str, drawn: list[Drawn]) -> str:
    """Return a page of one chapter's pictures."""
    head = _HEAD.replace("My progress", escape(title))
    return f"{head}<h1>{escape(title)}</h1>\n{''.join(map(_figure, drawn))}</body>\n</html>\n"


def _sum(found: list[ChapterStanding]) -> str:
    return total_line(found).partition("] ")[2] + "; more checks run at grading."


def _begun(one: ChapterStanding) -> bool:
    """Whether there is anything to draw: in an untouched chapter nothing is run."""
    return any(standing.begun or standing.note.status for standing in one.exercises)


def _chapter(one: ChapterStanding, drawn: list[Drawn]) -> str:
    name, title = escape(one.chapter.name), escape(one.chapter.title)
    rows = "".join(map(_row, one.exercises))
    return (
        f'<h2 id="{name}">{title} <small>({name})</small></h2>\n'
        f'<p>{one.count}</p>\n<progress value="{one.done}" max="{len(one.exercises)}" '
        f'aria-label="{name}"></progress>\n'
        '<table>\n<tr><th scope="col">exercise</th><th scope="col">points</th>'
        f'<th scope="col">state</th><th scope="col">attempts, hints</th></tr>\n{rows}</table>\n'
        f"{''.join(map(_figure, drawn))}"
    )


def _row(standing: Standing) -> str:
    exercise = standing.exercise
    kind = ' class="passed"' if standing.done else ""
    return (
        f'<tr><th scope="row" title="{escape(exercise.title)}">{escape(exercise.name)}</th>'
        f'<td class="points">{exercise.points}</td><td{kind}>{escape(standing.words)}</td>'
        f"<td>{escape(detail(standing))}</td></tr>\n"
    )


def _figure(one: Drawn) -> str:
    faults = "".join(f'<br><span class="fault">{escape(fault)}</span>' for fault in one.faults)
    caption = f"<figcaption>{escape(one.title)}{faults}</figcaption>"
    if not one.png:
        return f"<p>{escape(one.title)}: no picture, {escape(one.why)}</p>\n"
    text = escape("; ".join([one.title, *one.faults]))
    data = base64.b64encode(one.png).decode("ascii")
    return f'<figure><img alt="{text}" src="data:image/png;base64,{data}">\n{caption}</figure>\n'
