"""Stories of reports and people: the real core, the real sandbox, processes that are killed."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import lapor_ffi as lapor
import phone
import shell

HERE = Path(__file__).parent


class Killed(phone.Phone):
    def writer(self, task: str, *more: str) -> subprocess.Popen:
        keys = [part.hex() for part in self.secret]
        program = [sys.executable, str(HERE / "writer.py"), task, str(self.home), *keys, self.gateway.url, *more]
        process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process: subprocess.Popen) -> None:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    def says(self, process: subprocess.Popen) -> dict:
        line = process.stdout.readline()
        self.assertTrue(line, f"the app ended with {process.poll()}")
        return json.loads(line)

    async def wait_for(self, what: str, is_so) -> None:
        deadline = time.monotonic() + 60
        while not is_so():
            self.assertLess(time.monotonic(), deadline, f"waited for {what}")
            await asyncio.sleep(0.02)

    async def test_a_report_survives_a_dead_spot_and_two_kills(self) -> None:
        photo = shell.photo(self.folder / "photo.png")
        writer = self.writer("write", str(photo))
        self.assertEqual(self.says(writer)["signed_in"], "siti")

        # No network from here on: nobody listens at the gateway's address.
        self.gateway.stop()
        writer.stdin.write("offline\n")
        writer.stdin.flush()
        said = self.says(writer)
        report = said["report"]
        self.assertTrue(said["is_offline"], said)
        self.assertTrue(said["words"])
        self.assertTrue(self.says(writer)["sending"])
        writer.kill()
        writer.wait()

        # A new process finds the report as it was left: accepted, and not called sent.
        client = await self.open()
        self.assertEqual(await client.notices(), [])
        screen = await client.list_screen(lapor.ListFilter.ALL, 50)
        self.assertEqual(screen.account.user, "siti")
        self.assertEqual([row.key for row in screen.rows], [report])
        row = screen.rows[0]
        self.assertEqual(row.phase, lapor.ReportPhase.QUEUED)
        self.assertIsNone(row.tracking_id)
        self.assertEqual(row.pictures.bytes_arrived, 0)
        self.assertTrue(row.standing.reason.is_offline(), row.standing)
        self.assertIn(row.standing.reason_words, row.standing.words)
        picture = await client.picture(report, 0)
        self.assertEqual(len(picture), said["picture"])
        del client

        # The network is back and slow. The app is killed in the middle of the picture.
        self.gateway = self.start_sandbox()
        self.gateway.faults({"route": "upload_patch", "bandwidth": 60_000})
        sender = self.writer("send")
        self.assertTrue(self.says(sender)["sending"])

        def half_there() -> bool:
            reports = self.gateway.see("reports")
            have = [one["have"] for row in reports for one in row["attachments"]]
            return bool(have) and 0 < have[0] < said["picture"]

        await self.wait_for("a picture that is half there", half_there)
        sender.kill()
        sender.wait()

        self.gateway.faults()
        client = await self.open()
        step = await client.sync(lapor.SyncUntil.IDLE)
        self.assertIsNone(step.next_wake.reason, step.next_wake)
        row = await self.line(client, report)
        self.assertEqual(row.phase, lapor.ReportPhase.SENT)
        self.assertRegex(row.tracking_id, r"^[0-9]+$")
        self.assertEqual(row.status, lapor.ReportStatus.UNVERIFIED())
        self.assertEqual((row.pictures.stored, row.pictures.total), (1, 1))
        self.assertIsNone(row.standing)
        self.assertEqual(await client.find(f"#{row.tracking_id}"), report)
        self.assertEqual(await client.outbox(), [])

        # What the gateway says: one report, created once, the picture whole.
        (seen,) = self.gateway.see("reports")
        self.assertEqual((seen["key"], seen["creates"]), (report, 1))
        self.assertEqual(seen["missing"], [])
        self.assertEqual([one["sha256"] for one in seen["attachments"]], [said["sha256"]])
        self.assertEqual(self.gateway.see("violations")["violations"], [])


class Life(phone.Phone):
    async def test_a_report_is_taken_back_before_and_after_it_was_sent(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        unsent = await self.submitted(client)
        self.assertEqual(await client.withdraw(unsent), lapor.Withdrawal.DONE)
        sent = await self.submitted(client)
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual(await client.withdraw(sent), lapor.Withdrawal.ASKED)
        self.assertEqual((await self.line(client, sent)).phase, lapor.ReportPhase.WITHDRAWING)
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual((await self.line(client, sent)).phase, lapor.ReportPhase.WITHDRAWN)
        self.assertEqual(self.gateway.see("counts")["published"], [])

        again = await client.send_as_another(sent)
        draft = await client.draft(again)
        self.assertEqual((draft.supersedes, draft.form.title), (sent, "Jalan berlubang"))

    async def test_a_reply_follows_its_report(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        event = await client.add_event(report, lapor.EventKind.REPLY, "Sudah dua minggu.")
        (line,) = (await client.show(report)).events
        self.assertEqual((line.key, line.state), (event, lapor.OperationState.WAITING))
        self.assertEqual(json.loads(line.body_json)["text"], "Sudah dua minggu.")
        await client.sync(lapor.SyncUntil.IDLE)
        (line,) = (await client.show(report)).events
        self.assertEqual(line.state, lapor.OperationState.DONE)
        seen = self.gateway.see(f"report/{report}")
        self.assertIn(event, [one["event_key"] for one in seen["events"]])

    async def test_a_step_ends_by_its_bounds_and_says_that_there_is_more(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await client.new_draft()
        await shell.fill_in(client, report, "Jalan berlubang")
        await client.attach(report, str(shell.photo(self.folder / "p.png")))
        await client.submit(report)
        step = await client.sync_step(30_000, 1)
        self.assertTrue(step.more)
        self.assertGreater(step.sent_bytes, 0)
        while step.more:
            step = await client.sync_step(30_000, 50_000)
        row = await self.line(client, report)
        self.assertEqual((row.pictures.stored, row.pictures.total), (1, 1))

    async def test_pages_of_a_list_join_without_a_gap(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        keys = [await client.new_draft() for _ in range(7)]
        seen, before = [], None
        while True:
            page = await client.list_screen(lapor.ListFilter.DRAFTS, 3, before)
            seen += [row.key for row in page.rows]
            before = page.next
            if before is None:
                break
        self.assertEqual(seen, keys[::-1])
        counts = {count.phase: count.count for count in page.counts}
        self.assertEqual(counts, {lapor.ReportPhase.DRAFT: 7})

    async def test_the_surroundings_put_the_right_words_on_a_portal(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        self.gateway.faults({"route": "*", "portal": True})
        await client.sync(lapor.SyncUntil.NOTHING_DUE)
        row = await self.line(client, report)
        self.assertTrue(row.standing.reason.is_not_lapor(), row.standing)
        self.assertEqual(row.standing.reason.status, 200)
        network, captive = lapor.NetworkState, lapor.CaptivePortal
        await client.set_surroundings(lapor.Surroundings(network=network.UP, metered=False, captive=captive.YES))
        row = await self.line(client, report)
        self.assertTrue(row.standing.reason.is_sign_in_to_wifi(), row.standing)


class People(phone.Phone):
    async def test_an_officer_is_told_at_once_what_only_reporters_may_do(self) -> None:
        client = await self.open()
        await client.sign_in("made", "rahasia123")
        key = await client.new_draft()
        await shell.fill_in(client, key, "Jalan berlubang")
        with self.assertRaises(lapor.LaporError.NotForRole) as refused:
            await client.submit(key)
        self.assertTrue(refused.exception.words)

    async def test_each_sees_and_sends_only_their_own(self) -> None:
        client = await self.open()
        guest = await client.new_draft()
        self.assertTrue((await client.account()).is_guest)
        with self.assertRaises(lapor.LaporError.SignInNeeded):
            await shell.fill_in(client, guest, "Jalan berlubang")
            await client.submit(guest)

        siti = await client.sign_in("siti", "rahasia123")
        self.assertEqual((siti.is_guest, siti.role, siti.session), (False, "reporter", lapor.SessionState.GOOD))
        with self.assertRaises(lapor.LaporError.NotFound):
            await client.show(guest)
        self.assertEqual(await client.unclaimed_reports(), 1)
        self.assertIsNone(await client.reports_without_writer(), "no damage has taken who wrote them")
        self.assertEqual(await client.claim_reports_without_writer(), 0)
        self.assertEqual(await client.claim_guest_reports(), 1)
        self.assertEqual(await client.unclaimed_reports(), 0)
        await client.submit(guest)

        await client.sign_in("budi", "rahasia123")
        self.assertEqual((await client.list_screen(lapor.ListFilter.ALL, 10)).rows, [])
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual(self.gateway.see("reports"), [])

        await client.sign_out()
        await client.sign_in("siti", "rahasia123")
        await client.sync(lapor.SyncUntil.IDLE)
        (seen,) = self.gateway.see("reports")
        self.assertEqual((seen["key"], seen["account"]), (guest, "siti"))

    async def test_a_wrong_password_and_a_dead_line_are_told_apart(self) -> None:
        client = await self.open()
        with self.assertRaises(lapor.LaporError.BadCredentials):
            await client.sign_in("siti", "salah")
        self.gateway.stop()
        with self.assertRaises(lapor.LaporError.NotReached) as raised:
            await client.sign_in("siti", "rahasia123")
        self.assertTrue(raised.exception.reason.is_offline(), raised.exception)
        self.assertTrue(raised.exception.words)

    async def test_words_come_in_the_chosen_language(self) -> None:
        client = await self.open(language=lapor.Language.ID)
        report = await client.new_draft()
        indonesian = [problem.words for problem in await client.check(report)]
        client.set_language(lapor.Language.EN)
        english = [problem.words for problem in await client.check(report)]
        self.assertEqual(len(indonesian), len(english))
        for one, other in zip(indonesian, english):
            self.assertNotEqual(one, other)

        # Errors too: what a shell shows is never its own.
        with self.assertRaises(lapor.LaporError.SignInNeeded) as raised:
            await shell.fill_in(client, report, "Jalan berlubang")
            await client.submit(report)
        self.assertEqual(raised.exception.in_words(), "Sign in first. The draft is kept.")
        client.set_language(lapor.Language.ID)
        with self.assertRaises(lapor.LaporError.SignInNeeded) as raised:
            await client.submit(report)
        self.assertEqual(raised.exception.in_words(), "Masuk dulu. Konsep tetap tersimpan.")
        other = shell.options(self.home, shell.new_keys(), language=lapor.Language.ID)
        with self.assertRaises(lapor.OpenError.WrongKey) as raised:
            await lapor.LaporClient.open(other)
        self.assertIn("Tidak ada yang diubah", raised.exception.in_words())

    async def test_everything_out_and_everything_off(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await client.new_draft()
        await shell.fill_in(client, report, "Jalan berlubang")
        await client.attach(report, str(shell.photo(self.folder / "p.png")))
        await client.submit(report)

        health = await client.doctor()
        self.assertTrue(health.sound)
        self.assertEqual((health.waiting, health.set_aside), (2, 0))
        self.assertNotIn("berlubang", health.bundle_json)
        self.assertNotIn(report, health.bundle_json)

        folder = self.folder / "export"
        exported = await client.export(str(folder))
        self.assertEqual((exported.reports, exported.attachments), (1, 1))
        self.assertIn("berlubang", (folder / "reports.json").read_text())
        with self.assertRaises(lapor.LaporError.Output):
            await client.export(str(folder))

        erased = await client.forget_me()
        self.assertEqual((erased.reports, erased.attachments, erased.unsent), (1, 1, 1))
        self.assertIsNone(erased.overwriting)
        self.assertTrue((await client.account()).is_guest)
        await client.sign_in("siti", "rahasia123")
        self.assertEqual((await client.list_screen(lapor.ListFilter.ALL, 10)).rows, [])
