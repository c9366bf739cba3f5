"""Runs `bindings/suite/cases.json`: what every shell must see over the bridge."""

import enum
import gc
import json
import re
import tempfile
import unittest
from pathlib import Path
from typing import Any, Optional

import lapor_ffi as lapor
import shell

CASES = json.loads((Path(__file__).parent.parent / "suite" / "cases.json").read_text())


def snake(name: str) -> str:
    name = name.split(".")[-1]
    return name.lower() if name.isupper() else re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def plain(value: Any) -> Any:
    """What came over the bridge, as the JSON that the cases are written in."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, enum.Enum):
        return value.name.lower()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    name = type(value).__name__
    members = {key: plain(one) for key, one in vars(value).items()}
    if isinstance(value, Exception) or "." in name:
        return {"case": snake(name), **members}
    return members


class Case(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.home = self.folder / "phone"

    async def open(self, gateway: Optional[str] = None) -> lapor.LaporClient:
        return await lapor.LaporClient.open(shell.options(self.home, shell.new_keys(), gateway))

    def assert_contains(self, got: Any, want: Any, where: str = "") -> None:
        if isinstance(want, dict):
            self.assertIsInstance(got, dict, where)
            for key, one in want.items():
                self.assertIn(key, got, where)
                self.assert_contains(got[key], one, f"{where}.{key}")
        elif isinstance(want, list):
            self.assertIsInstance(got, list, where)
            self.assertEqual(len(got), len(want), f"{where}: {got}")
            for at, one in enumerate(want):
                self.assert_contains(got[at], one, f"{where}[{at}]")
        else:
            self.assertEqual(got, want, where)

    async def ends_as_told(self, call: Any, step: dict) -> Any:
        """Awaits `call` and holds its end against `error` or `result` of the step."""
        try:
            value = await call
        except (lapor.LaporError, lapor.OpenError) as error:
            self.assertIn("error", step, plain(error))
            self.assert_contains(plain(error), step["error"], "error")
            self.assertTrue(error.log_line())
            self.assertEqual(error.in_words(), error.words)
            self.assertTrue(error.words)
            return None
        self.assertNotIn("error", step)
        if "result" in step:
            self.assert_contains(plain(value), step["result"], "result")
        return value

    async def draft(self, case: dict) -> None:
        client = await self.open()
        report = await client.new_draft()
        if case["start"] == "complete":
            await shell.fill_in(client, report, "Jalan berlubang")
        for edit in case["edits"]:
            await client.edit(report, field_edit(edit))
        got = {}
        for language in (lapor.Language.ID, lapor.Language.EN):
            client.set_language(language)
            problems = plain(await client.check(report))
            got[plain(language)] = [problem.pop("words") for problem in problems]
        for at, want in enumerate(case["problems"]):
            words = {language: words[at] for language, words in got.items() if at < len(words)}
            self.assertEqual(words, want["words"])
        self.assert_contains(problems, [{k: v for k, v in one.items() if k != "words"} for one in case["problems"]])

    async def opening(self, case: dict) -> None:
        if case.get("home") == "file":
            self.home.write_text("")
        for at, step in enumerate(case["opens"]):
            for name in step.get("garble", []):
                path = self.home / name
                path.write_bytes(b"\x5a" * path.stat().st_size)
            keys = None
            if "key" in step:
                key = bytes([step["key"]]) * step.get("key_bytes", 32)
                install = bytes([step["install"]]) * step.get("install_bytes", 16)
                keys = lapor.StoreKeys(key=key, install=install)
            options = shell.options(self.home, keys, step.get("gateway"))
            if "authority" in step:
                options.authority = step["authority"].encode()
            with self.subTest(opening=at):
                client = await self.ends_as_told(lapor.LaporClient.open(options), step)
                if client is not None:
                    notices = await client.notices()
                    self.assert_contains(plain(notices), step["notices"], "notices")
                    self.assertTrue(all(notice.words for notice in notices))
            # Nothing else holds the store when it is opened next.
            client = None
            gc.collect()

    async def file(self, case: dict) -> None:
        path = self.folder / "file"
        if case.get("path") == "folder":
            path.mkdir()
        elif case.get("path") != "none":
            path.write_bytes(bytes.fromhex(case["hex"]) + bytes(case.get("zeros", 0)))
        client = await self.open()
        report = await client.new_draft()
        step = {"error": {"case": "picture", "problem": case["problem"]}}
        await self.ends_as_told(client.attach(report, str(path)), step)
        self.assertEqual((await client.draft(report)).attachments, [])

    async def document(self, case: dict) -> None:
        client = await self.open()
        for language in (lapor.Language.ID, lapor.Language.EN):
            client.set_language(language)
            report = await client.new_draft()
            path = self.folder / "file"
            path.write_bytes(bytes.fromhex(case["hex"]))
            made = await client.attach(report, str(path))
            self.assertTrue(made.attachment.as_it_is)
            for edit in case["edits"]:
                await client.edit(report, field_edit(edit))
            draft = await client.draft(report)
            for told, want in ((made.as_it_is, case["attached"]), (draft.as_it_is, case["reviewed"])):
                words = want.get("words", {}).get(plain(language), told.words)
                self.assert_contains(plain(told), {**want, "words": words}, "as_it_is")
            self.assertIsNone((await client.draft(await client.new_draft())).as_it_is)

    async def calls(self, case: dict) -> None:
        client = await self.open(case.get("gateway"))
        draft = ""
        for at, step in enumerate(case["steps"]):
            given = {key: draft if one == "$draft" else one for key, one in step.items()}
            with self.subTest(step=at, call=step["call"]):
                value = await self.ends_as_told(call(client, given), step)
                if step["call"] == "new_draft":
                    draft = value


def field_edit(edit: dict) -> lapor.FieldEdit:
    name, kind = edit["set"], getattr(lapor.FieldEdit, f"SET_{edit['set'].upper()}")
    if name == "classification":
        chosen = edit.get("classification")
        return kind(classification=chosen and lapor.Classification[chosen.upper()])
    if name == "place":
        place = None
        if "latitude" in edit:
            place = lapor.Place(latitude=edit["latitude"], longitude=edit["longitude"])
        return kind(place=place)
    if name in ("anonymous", "secret"):
        return kind(on=edit["on"])
    return kind(text=edit["text"] * edit.get("times", 1))


async def call(client: lapor.LaporClient, step: dict) -> Any:
    name = step["call"]
    if name == "set_title":
        return await client.edit(step["key"], lapor.FieldEdit.SET_TITLE(text=step["text"]))
    if name == "reply":
        return await client.add_event(step["key"], lapor.EventKind.REPLY, step["text"])
    if name == "list_screen":
        return await client.list_screen(lapor.ListFilter[step["filter"].upper()], step["limit"])
    if name == "resume":
        return client.resume()
    arguments = [step[name] for name in ("key", "text", "position", "user", "password", "deadline_ms") if name in step]
    return await getattr(client, name)(*arguments)


def add(kind: str, run: str) -> None:
    """A test for each case, by its name."""
    for case in CASES[kind]:
        name = "test_" + re.sub(r"[^a-z0-9]+", "_", f"{run} {case['name']}".lower())
        assert not hasattr(Case, name), f"two cases are called {case['name']}"

        async def test(self: Case, case: dict = case) -> None:
            await getattr(self, run)(case)

        setattr(Case, name, test)


add("drafts", "draft")
add("openings", "opening")
add("files", "file")
add("documents", "document")
add("calls", "calls")
