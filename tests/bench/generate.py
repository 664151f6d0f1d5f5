"""Invented leads in any number, the same every time.

A lead has about 600 bytes and 5.5 events on average, as in a CRM export: a person, a
company inside it, a budget now and then, and a year of events. Busy leads have 20 events
on average, wide leads about 90 fields. Leads are made in chunks, each from a seed of its
own, so that the file does not depend on how many processes help, and memory stays flat.
`python -m tests.bench.generate FILE --leads 500000` writes a file.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from gzip import GzipFile
from itertools import islice
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from random import Random
from typing import BinaryIO, Literal, get_args

# The instant at which the leads are meant to be scored.
AS_OF = "2026-11-22T00:00:00Z"

BadKind = Literal[
    "broken JSON",
    "not an object",
    "wrong type",
    "12.5 in a whole number",
    "date that does not exist",
    "no id",
    "id seen before",
]
BAD_KINDS: tuple[BadKind, ...] = get_args(BadKind)
# Without a schema no field must be whole, so 12.5 employees are a number like any other.
GOOD_WITHOUT_SCHEMA: BadKind = "12.5 in a whole number"

Build = Literal["usual", "busy", "wide"]
BUILDS: tuple[Build, ...] = get_args(Build)

CHUNK = 10_000
# Seed, first lead, leads, bad records per million, build; and what is made of it.
Task = tuple[int, int, int, int, Build]
Chunk = tuple[bytes, Counter[BadKind]]
Out = BinaryIO | GzipFile


@dataclass(frozen=True)
class Made:
    """What was written: leads in all, its size, and how many are bad in which way."""

    leads: int
    size: int
    bad: Counter[BadKind]

    @property
    def set_aside(self) -> int:
        """How many records a ruleset without a schema cannot score."""
        return sum(number for kind, number in self.bad.items() if kind != GOOD_WITHOUT_SCHEMA)


def generate(
    path: Path,
    leads: int,
    bad: float = 0.0,
    gzip: bool = False,
    seed: int = 1,
    processes: int | None = None,
    build: Build = "usual",
) -> Made:
    """Writes leads to a file. `bad` is the share of records that are spoilt, from 0 to 1."""
    tasks = (
        (seed, start, min(CHUNK, leads - start), round(bad * 1_000_000), build)
        for start in range(0, leads, CHUNK)
    )
    processes = processes or min(os.cpu_count() or 1, 4)
    kinds: Counter[BadKind] = Counter()
    size = 0
    with _opened(path, gzip) as file:
        if processes == 1 or leads <= CHUNK:
            size = _write(file, map(_chunk, tasks), kinds)
        else:
            with get_context().Pool(processes) as pool:
                size = _write(file, _in_turn(pool, tasks, processes * 4), kinds)
    return Made(leads, size, kinds)


def _in_turn(pool: Pool, tasks: Iterator[Task], at_once: int) -> Iterator[Chunk]:
    """The chunks in order. Only a few are made ahead, however slow the writing is."""
    while batch := tuple(islice(tasks, at_once)):
        yield from pool.map(_chunk, batch, chunksize=1)


def _write(file: Out, chunks: Iterator[Chunk], kinds: Counter[BadKind]) -> int:
    size = 0
    for data, found in chunks:
        size += file.write(data)
        kinds.update(found)
    return size


@contextmanager
def _opened(path: Path, gzip: bool) -> Iterator[Out]:
    with path.open("wb") as file:
        if not gzip:
            yield file
            return
        # No name and no time in the header: the same leads are the same bytes.
        with GzipFile("", "wb", 3, file, mtime=0) as packed:
            yield packed


# --- one chunk -----------------------------------------------------------------------


def _chunk(task: Task) -> Chunk:
    """Some leads as bytes, and what is wrong with some of them."""
    seed, start, leads, bad_per_million, build = task
    random = Random(seed * 1_000_003 + start)
    pools = _pools(seed)
    more = _fields(seed) if build == "wide" else None
    events_per_lead = BUSY_EVENTS_PER_LEAD if build == "busy" else EVENTS_PER_LEAD
    choice, choices, below = random.choice, random.choices, random.randrange
    lines = []
    kinds: Counter[BadKind] = Counter()
    known = None
    for number in range(start, start + leads):
        id_ = f"L-{number:08d}"
        budget = f'"budget":{below(200) * 250},' if below(10) < 4 else ""
        events = ",".join(choices(pools.events, k=choice(events_per_lead)))
        before, behind = ("", "") if more is None else map(choice, more)
        line = (
            f'{{"id":"{id_}",{before}"email":"u{number}@{choice(MAIL)}",{choice(pools.persons)}'
            f'"company":{{{choice(pools.companies)}}},{budget}{choice(pools.dates)}'
            f'"events":[{events}]{behind}}}'
        )
        # The first lead of a chunk is good, so that there is an id to repeat.
        if known is not None and below(1_000_000) < bad_per_million:
            kind = choice(BAD_KINDS)
            kinds[kind] += 1
            line = _spoilt(line, kind, id_, known)
        else:
            known = id_
        lines.append(line)
    return ("\n".join(lines) + "\n").encode(), kinds


def _spoilt(line: str, kind: BadKind, id_: str, known: str) -> str:
    """A good line made bad."""
    match kind:
        case "broken JSON":
            return line[: len(line) * 2 // 3]
        case "not an object":
            return f'["{id_}"]'
        case "wrong type":
            return line.replace('{"id"', '{"budget":"a lot","id"', 1).replace(',"budget":', ',"b":')
        case "12.5 in a whole number":
            return _with_employees(line)
        case "date that does not exist":
            event = '{"type":"page_view","at":"2026-02-30T10:00:00Z"}'
            return line.replace('"events":[]', f'"events":[{event}]').replace(
                '"events":[{', f'"events":[{event},{{', 1
            )
        case "no id":
            return line.replace(f'"id":"{id_}",', "", 1)
        case "id seen before":
            return line.replace(id_, known, 1)


def _with_employees(line: str) -> str:
    before, key, after = line.partition('"employees":')
    if not key:
        return line.replace('"company":{', '"company":{"employees":12.5,', 1)
    return before + key + "12.5" + after.lstrip("0123456789")


# --- what leads are made of ----------------------------------------------------------

# 5.5 on average, and a few leads with many, as it is with people.
EVENTS_PER_LEAD = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 10, 12, 19)
# The same with 20 on average.
BUSY_EVENTS_PER_LEAD = (0, 1, 4, 7, 10, 13, 15, 17, 19, 21, 23, 26, 30, 34, 40, 60)
MAIL = (
    *("atelier.example", "weber-it.example", "globex.example", "initech.example"),
    *("umbrella.example", "mail.example", "post.example", "stark.example"),
)
_FIRST = ("Camille", "Jonas", "Aoife", "Marek", "Inês", "Lars", "Sofía", "Yusuf", "美咲", "Олена")
_LAST = ("Morel", "Weber", "Byrne", "Zieliński", "Duarte", "Nygård", "García", "Demir", "田中")
_TITLES = (
    *("VP Operations", "CEO", "Head of IT", "Operations Manager", "Sales Director", "Intern"),
    *("Chief Financial Officer", "Office Manager", "Software Engineer", "Geschäftsführer"),
)
_SENIORITY = ("junior", "senior", "manager", "director", "vp", "c_level")
_DEPARTMENTS = ("operations", "it", "finance", "sales", "marketing", "hr")
_SOURCES = ("inbound", "outbound", "referral", "event", "partner")
_INDUSTRIES = (
    *("Software", "IT services", "Telecoms", "Financial services", "Insurance"),
    *("Education", "Manufacturing", "Retail", "Public sector"),
)
_COUNTRIES = ("FR", "BE", "LU", "CH", "DE", "AT", "NL", "ES", "IT", "SE", "PL", "US")
_PAGES = ("/", "/pricing", "/pricing/teams", "/docs/start", "/docs/api", "/blog/shifts", "/cases")
# Type and weight: most of what a CRM holds is mail and page views.
_EVENTS = {
    "page_view": 30,
    "email_sent": 16,
    "email_open": 16,
    "email_click": 8,
    "form_submission": 4,
    "whitepaper_download": 4,
    "webinar_registered": 3,
    "webinar_attended": 3,
    "call": 5,
    "meeting": 2,
    "reply": 4,
    "demo_request": 2,
    "contact_request": 2,
    "trial_started": 1,
    "unsubscribe": 1,
}
# What else a wide lead has: what the systems around a CRM write into it. Most of it is read
# by nobody.
_STATUSES = ("new", "working", "nurturing", "qualified", "unqualified")
_MORE_TEXTS = (
    *("salutation", "first_name", "last_name", "phone", "mobile", "fax", "street", "city"),
    *("postal_code", "region", "time_zone", "language", "website", "profile_url", "crm_id"),
    *("erp_id", "owner", "team", "territory", "first_source", "first_medium", "first_campaign"),
    *("first_page", "first_referrer", "last_source", "last_medium", "last_campaign"),
    *("last_page", "last_referrer", "form_name", "product_interest", "competitor", "comment"),
)
_MORE_NUMBERS = (
    *("sessions_30d", "sessions_90d", "sessions_total", "pages_30d", "pages_90d", "pages_total"),
    *("mails_sent", "mails_opened", "mails_clicked", "mails_bounced", "forms_sent", "calls_total"),
    *("meetings_total", "open_deals", "won_deals", "lost_deals", "open_amount", "won_amount"),
    *("tickets_open", "satisfaction", "credit_days", "discount", "sites"),
)
_MORE_YES_NO = (
    *("is_customer", "is_partner", "is_competitor", "has_portal", "mail_allowed", "call_allowed"),
    *("post_allowed", "privacy_accepted", "hard_bounced", "imported", "duplicate_checked"),
)
_MORE_DATES = (
    *("updated_at", "assigned_at", "first_seen_at", "last_seen_at", "last_mail_at", "last_call_at"),
    *("last_meeting_at", "consent_at", "enriched_at", "synced_at"),
)


@dataclass(frozen=True)
class _Pools:
    """Pieces of JSON to draw from. Each but an event ends in a comma or is the last."""

    persons: tuple[str, ...]
    companies: tuple[str, ...]
    dates: tuple[str, ...]
    events: tuple[str, ...]


@cache
def _pools(seed: int) -> _Pools:
    random = Random(seed)
    return _Pools(
        persons=tuple(_person(random) for _ in range(4_000)),
        companies=tuple(_company(random) for _ in range(4_000)),
        dates=tuple(_dates(random) for _ in range(4_000)),
        events=tuple(_event(random) for _ in range(20_000)),
    )


def _person(random: Random) -> str:
    text = f'"name":"{random.choice(_FIRST)} {random.choice(_LAST)}",'
    text += f'"source":"{random.choice(_SOURCES)}",'
    if random.random() < 0.8:
        text += f'"title":"{random.choice(_TITLES)}",'
    if random.random() < 0.6:
        text += f'"seniority":"{random.choice(_SENIORITY)}",'
    if random.random() < 0.5:
        text += f'"department":"{random.choice(_DEPARTMENTS)}",'
    if random.random() < 0.7:
        text += f'"opted_in":{random.choice(("true", "false"))},'
    return text


def _company(random: Random) -> str:
    parts = [f'"name":"{random.choice(_LAST)} & Co"']
    employees = int(10 ** random.uniform(0.5, 4))
    if random.random() < 0.85:
        parts.append(f'"industry":"{random.choice(_INDUSTRIES)}"')
    if random.random() < 0.75:
        parts.append(f'"employees":{employees}')
    if random.random() < 0.5:
        parts.append(f'"annual_revenue":{employees * random.randrange(40_000, 400_000)}')
    if random.random() < 0.9:
        parts.append(f'"country":"{random.choice(_COUNTRIES)}"')
    return ",".join(parts)


def _dates(random: Random) -> str:
    text = f'"created_at":"{_instant(random, 1, 900)}",'
    if random.random() < 0.2:
        day = _instant(random, -200, 60)[:10]
        text += f'"purchase_date":"{day}",'
    return text


def _event(random: Random) -> str:
    (type_,) = random.choices(tuple(_EVENTS), tuple(_EVENTS.values()))
    # About one in a hundred lies after the instant of scoring.
    text = f'{{"type":"{type_}","at":"{_instant(random, -4, 400)}"'
    if type_ == "page_view":
        text += f',"url":"{random.choice(_PAGES)}","seconds":{random.randrange(1, 400)}'
    elif type_ == "call":
        outcome = random.choice(("answered", "no_answer"))
        text += f',"outcome":"{outcome}","seconds":{random.randrange(5, 1_800)}'
    elif type_ == "email_click":
        text += f',"campaign":"c{random.randrange(40)}"'
    return text + "}"


@cache
def _fields(seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What wide leads have before and behind the usual fields, with its commas."""
    random = Random(f"wide {seed}")
    names = ["lead_status", *_MORE_TEXTS, *_MORE_NUMBERS, *_MORE_YES_NO, *_MORE_DATES]
    # An export has its fields in an order of its own, the same for every lead.
    random.shuffle(names)
    middle = len(names) // 2
    before = ("".join(f"{_entry(random, n)}," for n in names[:middle]) for _ in range(4_000))
    behind = ("".join(f",{_entry(random, n)}" for n in names[middle:]) for _ in range(4_000))
    return tuple(before), tuple(behind)


def _entry(random: Random, name: str) -> str:
    """A key and a value; in one of three cases nothing was entered."""
    if random.random() < 1 / 3:
        return f'"{name}":null'
    if name == "lead_status":
        return f'"{name}":"{random.choice(_STATUSES)}"'
    if name in _MORE_NUMBERS:
        return f'"{name}":{random.randrange(40)}'
    if name in _MORE_YES_NO:
        return f'"{name}":{random.choice(("true", "false"))}'
    if name in _MORE_DATES:
        return f'"{name}":"{_instant(random, 1, 900)}"'
    return f'"{name}":"{random.choice(_LAST)} {random.randrange(1_000)}"'


def _instant(random: Random, newest: int, oldest: int) -> str:
    """An instant some days before AS_OF; one in ten with an offset."""
    end = datetime.fromisoformat(AS_OF)
    at = end - timedelta(seconds=random.randrange(newest * 86_400, oldest * 86_400))
    if random.random() < 0.1:
        return at.astimezone(timezone(timedelta(hours=2))).isoformat()
    return at.isoformat().replace("+00:00", "Z")


def main() -> None:
    """The command line of the generator."""
    parser = argparse.ArgumentParser(description="Write a file of invented leads.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--leads", type=int, default=500_000)
    parser.add_argument("--bad", type=float, default=0.0, help="share of bad records, 0 to 1")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", choices=BUILDS, default="usual", help="20 events, or 90 fields")
    options = parser.parse_args()
    made = generate(
        *(options.file, options.leads, options.bad, options.gzip, options.seed),
        build=options.build,
    )
    print(f"{made.leads} leads, {made.size} bytes, {sum(made.bad.values())} bad")
    for kind in BAD_KINDS:
        if made.bad[kind]:
            print(f"  {made.bad[kind]:>8} {kind}")


if __name__ == "__main__":
    main()
