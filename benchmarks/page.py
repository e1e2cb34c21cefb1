"""The page and the plots, made of the raw numbers in docs/benchmarks/*.json.   usage: python -m benchmarks.page"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.stage import RAW

WIDE, LINE = 720, 26
INK, OURS, OTHERS = "#1f2937", "#0ca678", "#9aa5b1"


def page() -> str:
    """The whole page; a part without raw numbers says how to get them."""
    parts = [_HEAD]
    bench, costs, orgbox, pages, scale = map(_raw, ("bench", "costs", "orgbox", "pages", "scale"))
    if bench is not None:
        parts += [_taken(bench), _rates(bench), _breaks(bench), _lag(bench)]
    if costs is not None:
        parts.append(_costs(costs))
    if orgbox is not None:
        parts.append(_orgbox(orgbox))
    if pages is not None:
        parts.append(_pages(pages))
    if scale is not None:
        parts.append(_scale(scale))
    return "\n".join(parts).rstrip() + "\n"


_HEAD = """# Benchmarks

Made by `make bench` (`QUICK=1` for a first look) and, the last part, by `.venv/bin/python -m benchmarks.scale`; do not edit by hand. The raw
numbers are the JSON files beside this page. orgbox stands in for Salesforce: its own share of each time is in the floor, so read ratios. A
real org's Bulk 2 takes seconds to minutes, which a box does not show.
"""


def _raw(name: str) -> dict[str, Any] | None:
    file = RAW / f"{name}.json"
    found: dict[str, Any] | None = json.loads(file.read_text()) if file.exists() else None
    return found


def _taken(result: dict[str, Any]) -> str:
    m = result["machine"]
    said = f"Taken {m['at']} at commit {m['commit']}: {m['processor'] or 'a processor without a name'}, {m['cores']} cores, {m['memory_gb']} GB, Python {m['python']}, {m['system']}."
    if result.get("busy"):
        said += f" **The machine was busy (load {m['load_before']} before it began): the counts below are good, the times and their ratios are not.**"
    if result.get("quick"):
        said += " A quick run: fewer emails than the full one."
    return said + "\n"


def _rates(result: dict[str, Any]) -> str:
    lines = ["## Emails logged", ""]
    for delay in sorted({row["delay"] for row in result["rates"]}):
        rows = [row for row in result["rates"] if row["delay"] == delay]
        floor = next(row for row in rows if row["client"].startswith("the floor"))
        pace_of_floor = floor["emails"] / floor["seconds"]
        lines += [
            f"### {delay * 1000:.0f} ms until each answer",
            "",
            "| client | emails | a second | time, as a multiple of the floor | API calls for 1,000 |",
            "|---|---|---|---|---|",
        ]
        bars = []
        for row in rows:
            if "trouble" in row:
                lines.append(f"| {row['client']} | – | – | did not run: {_short(row['trouble'])} | – |")
                continue
            pace = row["emails"] / row["seconds"]
            bars.append((row["client"], pace))
            calls = row["calls"] * 1_000 / row["emails"]
            lines.append(
                f"| {row['client']} | {row['emails']:,} | {pace:,.0f} | {pace_of_floor / pace:.2f} | {calls:,.1f} |"
            )
        name = f"rates-{delay * 1000:.0f}ms.svg"
        (RAW / name).write_text(bars_svg(f"Emails a second, {delay * 1000:.0f} ms until each answer", bars))
        lines += ["", f"![Emails a second at {delay * 1000:.0f} ms]({name})", ""]
    lines += [
        "The floor only creates the Tasks; Tandem also finds out whom each email is about, and keeps what it did on disk before each call. "
        "The others are given finished Tasks.",
        "",
    ]
    return "\n".join(lines)


def _breaks(result: dict[str, Any]) -> str:
    lines = [
        "## When something breaks",
        "",
        "| what | client | emails | there twice | lost |",
        "|---|---|---|---|---|",
    ]
    for row in result["breaks"]:
        told = (
            f"{row['twice']} | {row['lost']}"
            if "twice" in row
            else f"did not run: {_short(row['trouble'])} | –"
        )
        lines.append(f"| {row['break']} | {row['client']} | {row.get('emails', '–')} | {told} |")
    lines += [
        "",
        "Each client does again what it believes to have failed; after `kill -9` everything, for it remembers nothing. Calls that carry 200 rows "
        "are struck more rarely than calls that carry one.",
        "",
    ]
    return "\n".join(lines)


def _lag(result: dict[str, Any]) -> str:
    lines = [
        "## From an edit to the other side",
        "",
        "| way | edits | p50 | p95 | most |",
        "|---|---|---|---|---|",
    ]
    for way, name in (
        ("there", "Tandem → Salesforce, at once"),
        ("back", "Salesforce → Tandem, by the poll of a busy org"),
    ):
        values = sorted(result["lag"][way])
        if values:
            at = [values[min(len(values) - 1, len(values) * p // 100)] for p in (50, 95)]
            lines.append(f"| {name} | {len(values)} | {at[0]:.2f} s | {at[1]:.2f} s | {values[-1]:.2f} s |")
    return "\n".join([*lines, ""])


def _costs(result: dict[str, Any]) -> str:
    lines = [
        "## API calls, against members, links and changes",
        "",
        "Counts, the same on every machine.",
        "",
        "| what | against | points | calls for each one more | expected |",
        "|---|---|---|---|---|",
    ]
    for name, curve in result["curves"].items():
        points = ", ".join(f"{x:,}: {y:g}" for x, y in curve["points"])
        slope = (
            "0 (flat)"
            if abs(curve["slope"]) < 1e-9
            else f"{curve['slope']:.5f} (1 for {1 / curve['slope']:,.0f})"
        )
        lines.append(f"| {name} | {curve['against']} | {points} | {slope} | {curve['expected']} |")
    (RAW / "costs.svg").write_text(lines_svg("API calls (each curve of its own scale)", result["curves"]))
    return "\n".join([*lines, "", "![API calls against members, links and changes](costs.svg)", ""])


def _pages(result: dict[str, Any]) -> str:
    given = result["given"]
    lines = [
        f"## Pages, with {given['TASKS']:,.0f} tasks and {given['EMAILS']:,.0f} emails of one member",
        "",
        _taken(result),
        f"All of it linked and logged, one in fifty refused, on {result['database']}. From the request to the last byte, in one process, without "
        "a network; the middle of 15 times.",
        "",
        "| page | queries | ms | at most | kB |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {row['queries']} | {row['ms']:.0f} | {row['most_ms']:.0f} | {row['bytes'] / 1_000:.0f} |"
        for name, row in result["pages"].items()
    ]
    return "\n".join([*lines, ""])


def _orgbox(result: dict[str, Any]) -> str:
    said = result["figures"]
    query = f"a query by owner and stamp among {said['tasks']:,} Tasks, which finds {said['found']:,}"
    rows = [
        ("single creates a second", f"{said['single_creates_a_second']:,.0f}", "1,000"),
        ("rows a second by collections of 200", f"{said['collection_rows_a_second']:,.0f}", "30,000"),
        ("rows a second read by query, six columns", f"{said['rows_read_a_second']:,.0f}", "–"),
        (query, f"{said['filtered_query_ms']:.2f} ms", "milliseconds"),
        ("single creates a second beside them", f"{said['single_creates_beside_them_a_second']:,.0f}", "–"),
        ("Tasks a second put into an org", f"{said['loaded_a_second']:,.0f}", "–"),
        ("memory for them", f"{said['memory_gb']:.2f} GB", "–"),
    ]
    lines = ["## The org in a box", "", _taken(result)]
    lines += ["One core's own time, through the whole HTTP application without a socket.", ""]
    lines += ["| what | figure | at least, or at most |", "|---|---|---|"]
    lines += [f"| {name} | {figure} | {bound} |" for name, figure, bound in rows]
    return "\n".join([*lines, ""])


def _scale(result: dict[str, Any]) -> str:
    given, load = result["given"], result["load"]
    lag, back = result["lag_there"], result["lag_back"]
    rows = [
        (
            "members, orgs, links at the start",
            f"{given['MEMBERS']:,.0f}, {given['ORGS']:,.0f}, {given['LINKS']:,.0f}",
        ),
        ("workers", f"{given['WORKERS']:.0f}, each with {given['THREADS']:.0f} threads"),
        (
            "changes",
            f"{given['RATE']:g} a second for {given['MINUTES']:g} minutes: {sum(result['acts'].values()):,}",
        ),
        ("workers killed", f"{result['killed']}, one every {given['KILL']:.0f} s"),
        ("first import", f"{result['import_seconds']:.0f} s"),
        ("API calls while it lasted", f"{result['calls']:,}"),
        ("Tandem → Salesforce", f"p50 {lag['p50']:.1f} s, p95 {lag['p95']:.1f} s, p99 {lag['p99']:.1f} s"),
        ("Salesforce → Tandem", f"p50 {back['p50']:.1f} s, p95 {back['p95']:.1f} s, p99 {back['p99']:.1f} s"),
        ("a worker", f"{load['cores_per_worker']:.2f} cores, at most {load['peak_mb']:.0f} MB"),
        ("at rest afterwards", f"{result['calm_after_seconds']:.0f} s"),
        ("**differences, losses, twins**", f"**{result['wrong']}**"),
    ]
    lines = ["## Many members, many workers", "", _taken(result), "| what | figure |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows]
    return "\n".join([*lines, ""])


def _short(text: str) -> str:
    return text.replace("|", "/")[:100]


# --- pictures -------------------------------------------------------------------------------------------------------------


def bars_svg(title: str, bars: Sequence[tuple[str, float]]) -> str:
    """Bars on a logarithmic scale, ours in colour."""
    most = max(value for _, value in bars)
    low = 10 ** math.floor(math.log10(min(value for _, value in bars)))
    span = math.log10(most / low) or 1.0
    drawn = [_text(16, 28, title, size=15)]
    for number, (name, value) in enumerate(bars):
        y = 50 + number * LINE
        width = max(2.0, math.log10(value / low) / span * 380)
        drawn.append(_text(16, y + 14, name))
        drawn.append(
            f'<rect x="240" y="{y}" width="{width:.0f}" height="18" rx="2" fill="{OURS if name == "Tandem" else OTHERS}"/>'
        )
        drawn.append(_text(246 + int(width), y + 14, f"{value:,.0f}"))
    return _svg(60 + len(bars) * LINE, drawn)


def lines_svg(title: str, curves: dict[str, dict[str, Any]]) -> str:
    """One small picture for each curve, from zero."""
    drawn = [_text(16, 28, title, size=15)]
    for number, (name, curve) in enumerate(curves.items()):
        left, top = 30 + number % 3 * 230, 60 + number // 3 * 150
        most_x = max(x for x, _ in curve["points"]) or 1
        most_y = max(1, *(y for _, y in curve["points"]))
        points = " ".join(
            f"{left + x / most_x * 190:.0f},{top + 90 - y / most_y * 80:.0f}" for x, y in curve["points"]
        )
        drawn += [
            f'<path d="M{left},{top}v90h195" fill="none" stroke="{OTHERS}"/>',
            f'<polyline points="{points}" fill="none" stroke="{OURS}" stroke-width="2.5"/>',
            _text(left, top - 6, name[:36], size=11),
            _text(left, top + 106, f"{curve['against']} to {most_x:,}; at most {most_y:g} calls", size=10),
        ]
    return _svg(70 + -(-len(curves) // 3) * 150, drawn)


def _text(x: int, y: int, words: str, *, size: int = 12) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{INK}">{escape(words)}</text>'


def _svg(high: int, drawn: Sequence[str]) -> str:
    inside = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" width="{WIDE}" height="{high}" '
        f'font-family="system-ui, sans-serif">\n<rect width="100%" height="100%" fill="#fff"/>\n{inside}\n</svg>\n'
    )


if __name__ == "__main__":
    (RAW / "README.md").write_text(page())
