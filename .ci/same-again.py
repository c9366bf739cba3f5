#!/usr/bin/env python3
"""The same seed is the same schedule: refuses what would break that, and no compiler does.

In SQL: clocks and dice of SQLite's own, and a SELECT of several rows without an order. In Rust, in the
rooms that the simulator runs: collections without an order, clocks, threads, the OS's dice.

Prints each finding and fails; prints nothing but a count when all is well.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SQL_ROOMS = ["core/src/store", "tests/sandbox/rules/src"]
RUST_ROOMS = ["core/engine/src", "tests/sandbox/rules/src", "tests/sim/src", "tests/sim/vfs/src"]

# File, what stands there, and why it may.
MAY = [
    # The command around the schedules: how long they take, one world a thread, a fresh first seed.
    ("tests/sim/src/command.rs", "Instant::now", "how long it took"),
    ("tests/sim/src/command.rs", "getrandom", "a first seed that nobody has had"),
    ("tests/sim/src/command/crew.rs", "Instant::now", "no new schedules after the time is up"),
    ("tests/sim/src/command/crew.rs", "thread::scope", "one world a thread, nothing between them"),
    ("core/src/store/salvage/accounts.rs", "SELECT name, value FROM setting", "goes into a map; damage ends it where it ends it"),
]

DICE = re.compile(
    r"\b(random|randomblob|julianday|unixepoch|strftime|datetime|now)\s*\(|\bCURRENT_(TIME|DATE|TIMESTAMP)\b|'now'",
    re.I,
)
UNORDERED = re.compile(
    r"\b(HashMap|HashSet|RandomState|SystemTime|getrandom|thread_local)\b|\bInstant::now\b"
    r"|\bthread::(spawn|scope|sleep|Builder)|\buuid::Uuid::new_v|\brand::"
)
LITERAL = re.compile(r'(?<![\w\'])r(#+)"(.*?)"\1|(?<![\w\\])"((?:[^"\\]|\\.)*)"', re.S)
CONST = re.compile(r'const (\w+): &str\s*=\s*"((?:[^"\\]|\\.)*)"', re.S)
# A statement that is put together when it is compiled; what it is called with ends it.
MACRO = re.compile(r"macro_rules! (\w+) \{.*?\n\}", re.S)
# What can be one row at most, or whose rows have one use only, without an order among them.
ONE = re.compile(r"^\s*SELECT\s+(NOT\s+)?(1 FROM|EXISTS\s*\(|count\(|max\(|min\(|sum\(|coalesce\(\s*(max|sum|min)\()", re.I)
BY_KEY = re.compile(r"\bWHERE (\w+\.)?(id|key|\{key\}) = \?1\s*$")


def sources(rooms, ending):
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*" + ending)):
            name = str(path.relative_to(ROOT))
            parts = path.relative_to(ROOT).parts
            if "tests" in parts[2:] or "stories" in parts[2:] or path.name == "tests.rs":
                continue
            yield name, path.read_text()


def without_comments(text):
    return re.sub(r"(?m)(?<![:\"])//.*$", lambda found: " " * len(found.group()), text)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def macros():
    """The SQL of every macro that holds any, by its name."""
    found = {}
    for _, text in sources(SQL_ROOMS, ".rs"):
        for macro in MACRO.finditer(text):
            sql = " ".join(one.group(2) or one.group(3) or "" for one in LITERAL.finditer(macro.group()))
            if re.search(r"\bSELECT\b", sql):
                found[macro.group(1)] = sql
    return found


def statements(text, macros):
    """Every literal that holds SQL, fragments put in: (where, where it ends, SQL)."""
    constants = dict(CONST.findall(text))
    declared = [(found.start(), found.end()) for form in (CONST, MACRO) for found in form.finditer(text)]
    for found in re.finditer(r"\b(\w+)!\(", text):
        if found.group(1) in macros:
            sql, end = macros[found.group(1)], found.end()
            while given := re.compile(r"[\s,]*").match(text, end):
                literal = LITERAL.match(text, given.end())
                if not literal:
                    break
                sql, end = f"{sql} {literal.group(2) or literal.group(3) or ''}", literal.end()
            yield found.start(), end, sql
    for found in LITERAL.finditer(text):
        sql = found.group(2) or found.group(3) or ""
        sql = re.sub(r"\{(\w+)\}", lambda name: constants.get(name.group(1), name.group(0)), sql)
        if any(begin <= found.start() < end for begin, end in declared):
            continue
        if re.search(r"\b(SELECT|INSERT|UPDATE|DELETE)\b", sql):
            yield found.start(), found.end(), sql


def order_is_missing(text, end, sql):
    if not re.match(r"\s*(WITH\b.*?\)\s*)?SELECT\b", sql, re.S) or ONE.match(sql):
        return False
    if re.search(r"\bORDER BY\b", sql) or re.search(r"\bLIMIT 1\b", sql) or BY_KEY.search(sql):
        return False
    # One row is asked for: whichever call comes first after the statement says so.
    use = re.search(r"\.(query_row|query_map|query_and_then|query|exists|execute)\(", text[end : end + 600])
    return use is None or use.group(1) not in ("query_row", "exists", "execute")


def main():
    found, looked, put_together = [], 0, macros()
    used = set()
    for name, text in sources(SQL_ROOMS, ".rs"):
        text = without_comments(text)
        for begin, end, sql in statements(text, put_together):
            looked += 1
            where = f"{name}:{line_of(text, begin)}"
            if dice := DICE.search(sql):
                found.append(f"{where}: SQLite's own {dice.group().strip()}: clocks and dice are arguments")
            allowed = [one for one in MAY if one[0] == name and sql.startswith(one[1])]
            used.update(allowed)
            if not allowed and order_is_missing(text, end, sql):
                found.append(f"{where}: rows without an order: {' '.join(sql.split())[:90]}")
    for name, text in sources(SQL_ROOMS, ".sql"):
        looked += 1
        text = re.sub(r"(?m)--.*$", "", text)
        if dice := DICE.search(text):
            found.append(f"{name}:{line_of(text, dice.start())}: SQLite's own {dice.group().strip()}")
    for name, text in sources(RUST_ROOMS, ".rs"):
        looked += 1
        text = without_comments(text)
        # Tests inside of a file may do what they like.
        text = text.split("#[cfg(test)]\nmod tests {")[0]
        for bad in UNORDERED.finditer(text):
            allowed = [one for one in MAY if one[0] == name and bad.group().startswith(one[1])]
            used.update(allowed)
            if not allowed and not text[: bad.start()].rsplit("\n", 1)[-1].lstrip().startswith("use "):
                found.append(f"{name}:{line_of(text, bad.start())}: {bad.group()}")
    found += [f"{one[0]}: {one[1]} is not there any more: take it off the list" for one in MAY if one not in used]
    for one in found:
        print(one)
    if looked < 100:
        print(f"only {looked} places looked at: the rooms have moved")
        return 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
