"""Stories of a shell over the bridge: the real core, the real sandbox, processes that are killed."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import lapor_ffi as lapor
import shell
from sandbox import Sandbox

HERE = Path(__file__).parent


class Phone(unittest.IsolatedAsyncioTestCase):
    """A folder, keys, and a gateway that can be reached."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.home = self.folder / "phone"
        self.keys = shell.new_keys()
        self.gateway = self.start_sandbox()

    async def asyncSetUp(self) -> None:
        # Making a photo in Python takes longer than asyncio likes.
        asyncio.get_running_loop().slow_callback_duration = 10

    def start_sandbox(self) -> Sandbox:
        sandbox = Sandbox(self.folder / "gateway.db")
        self.addCleanup(sandbox.stop)
        return sandbox

    async def open(self, **more) -> lapor.LaporClient:
        more.setdefault("gateway", self.gateway.url)
        return await lapor.LaporClient.open(shell.options(self.home, self.keys, **more))

    async def submitted(self, client: lapor.LaporClient, title: str = "Jalan berlubang") -> str:
        report = await client.new_draft()
        await shell.fill_in(client, report, title)
        await client.submit(report)
        return report

    async def line(self, client: lapor.LaporClient, report: str) -> lapor.ReportLine:
        return (await client.show(report)).line


class Killed(Phone):
    def writer(self, task: str, *more: str) -> subprocess.Popen:
        keys = [self.keys.key.hex(), self.keys.install.hex()]
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
        self.assertEqual(client.notices(), [])
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


class Heard(lapor.ChangeListener):
    """Called on the core's threads."""

    def __init__(self) -> None:
        self.heard: list = []
        self.threads: set = set()

    def changed(self, what: lapor.Change) -> None:
        self.heard.append(what)
        self.threads.add(threading.current_thread())


class Broken(lapor.ChangeListener):
    def changed(self, what: lapor.Change) -> None:
        raise RuntimeError("a bug of the shell")


class Listening(Phone):
    async def test_the_listener_hears_what_kind_of_thing_changed(self) -> None:
        client = await self.open()
        heard = Heard()
        client.listen(heard)
        await client.sign_in("siti", "rahasia123")
        self.assertIn(lapor.Change.ACCOUNT, heard.heard)
        heard.heard.clear()
        await client.new_draft()
        self.assertEqual(heard.heard, [lapor.Change.REPORTS])
        self.assertNotIn(threading.current_thread(), heard.threads)

        client.listen(None)
        heard.heard.clear()
        await client.new_draft()
        self.assertEqual(heard.heard, [])

    async def test_a_listener_that_throws_spoils_nothing(self) -> None:
        client = await self.open()
        client.listen(Broken())
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.SENT)


class Cancelling(Phone):
    async def sending(self, client: lapor.LaporClient) -> asyncio.Task:
        """A sync whose exchange the gateway does not answer."""
        self.gateway.faults({"route": "create", "stall": True})
        task = asyncio.create_task(client.sync(lapor.SyncUntil.CANCELLED))
        while not (await client.outbox())[0].maybe_sent:
            self.assertFalse(task.done())
        return task

    async def assert_goes_on(self, client: lapor.LaporClient, report: str) -> None:
        self.gateway.faults()
        await client.resend(report)
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.SENT)
        self.assertEqual(self.gateway.see("counts")["creates"], {report: 1})

    async def test_cancel_ends_a_sync_and_loses_nothing(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        task = await self.sending(client)
        client.cancel()
        with self.assertRaises(lapor.LaporError.Cancelled):
            await asyncio.wait_for(task, 20)
        await self.assert_goes_on(client, report)

    async def test_a_task_that_is_cancelled_ends_its_sync(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        task = await self.sending(client)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        # The engine is free again: the next sync does not wait for the one that was given up.
        await asyncio.wait_for(self.assert_goes_on(client, report), 20)

    async def test_suspend_ends_a_sync_and_refuses_new_ones(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        task = await self.sending(client)
        await asyncio.wait_for(client.suspend(), 20)
        with self.assertRaises((lapor.LaporError.Cancelled, lapor.LaporError.Suspended)):
            await task
        with self.assertRaises(lapor.LaporError.Suspended):
            await client.sync(lapor.SyncUntil.NOTHING_DUE)
        # What was written is readable while the app sleeps.
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.QUEUED)
        client.resume()
        await self.assert_goes_on(client, report)

    async def test_a_list_does_not_wait_for_a_picture_or_a_sync(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        await self.submitted(client)
        task = await self.sending(client)
        report = await client.new_draft()
        watcher = Gated()
        picture = asyncio.create_task(client.attach(report, str(shell.photo(self.folder / "p.png")), None, watcher))
        await asyncio.to_thread(watcher.begun.wait)
        screen = await asyncio.wait_for(client.list_screen(lapor.ListFilter.ALL, 10), 10)
        self.assertEqual(len(screen.rows), 2)
        watcher.go.set()
        self.assertEqual((await picture).attachment.media_type, "image/jpeg")
        task.cancel()


class Gated(lapor.PictureWatcher):
    """Holds a picture until it may go on."""

    def __init__(self, flow: lapor.PictureFlow = lapor.PictureFlow.CONTINUE) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.flow = flow
        self.seen: list = []

    def progress(self, stage: lapor.PictureStage, permille: int) -> lapor.PictureFlow:
        self.begun.set()
        self.go.wait(30)
        self.seen.append(permille)
        return self.flow


class Pictures(Phone):
    async def test_a_picture_tells_how_far_it_is(self) -> None:
        client = await self.open()
        report = await client.new_draft()
        watcher = Gated()
        watcher.go.set()
        path = shell.photo(self.folder / "photo.png")
        made = await client.attach(report, str(path), 100_000, watcher)
        path.unlink()
        self.assertEqual(watcher.seen, sorted(watcher.seen))
        self.assertEqual(watcher.seen[-1], 1000)
        self.assertLessEqual(made.attachment.bytes, 100_000)
        self.assertGreater(made.attachment.original_bytes, made.attachment.bytes)
        jpeg = await client.picture(report, 0)
        self.assertEqual((len(jpeg), jpeg[:2]), (made.attachment.bytes, b"\xff\xd8"))
        self.assertEqual((await client.draft(report)).attachments, [made.attachment])

    async def assert_stopped(self, client: lapor.LaporClient, report: str) -> None:
        self.assertEqual((await client.draft(report)).attachments, [])

    async def test_the_watcher_stops_a_picture(self) -> None:
        client = await self.open()
        report = await client.new_draft()
        watcher = Gated(lapor.PictureFlow.CANCEL)
        watcher.go.set()
        with self.assertRaises(lapor.LaporError.Cancelled):
            await client.attach(report, str(shell.photo(self.folder / "p.png")), None, watcher)
        await self.assert_stopped(client, report)

    async def test_cancel_stops_a_picture(self) -> None:
        client = await self.open()
        report = await client.new_draft()
        watcher = Gated()
        task = asyncio.create_task(client.attach(report, str(shell.photo(self.folder / "p.png")), None, watcher))
        await asyncio.to_thread(watcher.begun.wait)
        client.cancel()
        watcher.go.set()
        with self.assertRaises(lapor.LaporError.Cancelled):
            await task
        await self.assert_stopped(client, report)

    async def test_a_task_that_is_cancelled_stops_its_picture(self) -> None:
        client = await self.open()
        report = await client.new_draft()
        watcher = Gated()
        path = str(shell.photo(self.folder / "p.png"))
        task = asyncio.create_task(client.attach(report, path, None, watcher))
        await asyncio.to_thread(watcher.begun.wait)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        watcher.go.set()
        # Behind it in the same lane: when this one is done, that one has ended.
        other = await client.new_draft()
        await client.attach(other, path)
        await self.assert_stopped(client, report)

    async def test_the_same_picture_is_not_attached_twice(self) -> None:
        client = await self.open()
        report = await client.new_draft()
        path = str(shell.photo(self.folder / "p.png"))
        await client.attach(report, path)
        with self.assertRaises(lapor.LaporError.AlreadyAttached):
            await client.attach(report, path)
        await client.detach(report, 0)
        await self.assert_stopped(client, report)


class People(Phone):
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
        self.assertEqual(await client.claim_guest_reports(), 1)
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
        self.assertTrue((await client.account()).is_guest)
        await client.sign_in("siti", "rahasia123")
        self.assertEqual((await client.list_screen(lapor.ListFilter.ALL, 10)).rows, [])


class Life(Phone):
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


class Answers(Phone):
    """What the service says reaches the screen with its data."""

    async def told(self, *faults: dict) -> tuple:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        self.gateway.faults(*faults)
        step = await client.sync(lapor.SyncUntil.NOTHING_DUE)
        self.gateway.faults()
        return client, report, step, await self.line(client, report)

    async def arrives(self, client: lapor.LaporClient, report: str) -> None:
        await client.resend(report)
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.SENT)

    async def test_busy(self) -> None:
        _, _, step, row = await self.told({"route": "create", "status": 503, "retry_after": 40})
        self.assertEqual(row.standing.reason, lapor.WaitReason.BUSY(status=503))
        wake = step.next_wake
        self.assertEqual(wake.reason, lapor.WaitReason.BUSY(status=503))
        self.assertGreater(wake.in_ms, 10_000)
        self.assertGreater(row.standing.retry_in_ms, 10_000)
        self.assertIn(row.standing.reason_words, row.standing.words)

    async def test_refused(self) -> None:
        client, report, _, row = await self.told({"route": "create", "status": 403, "code": "not_allowed"})
        self.assertEqual(row.standing.reason, lapor.WaitReason.REFUSED(status=403, problem="not_allowed"))
        self.assertEqual(row.standing.state, lapor.OperationState.PAUSED)
        await self.arrives(client, report)

    async def test_rejected_is_mended_under_its_key(self) -> None:
        client, report, _, row = await self.told({"route": "create", "status": 422, "code": "invalid"})
        self.assertEqual(row.phase, lapor.ReportPhase.REJECTED)
        self.assertTrue(row.standing.reason.is_rejected(), row.standing)
        await client.edit(report, lapor.FieldEdit.SET_TITLE(text="Lampu padam"))
        await client.submit(report)
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.SENT)
        self.assertEqual(self.gateway.see(f"report/{report}")["title"], "Lampu padam")

    async def test_a_key_that_is_taken_is_sent_as_another(self) -> None:
        client, report, _, row = await self.told({"route": "create", "status": 409, "code": "key_taken"})
        self.assertEqual(row.phase, lapor.ReportPhase.KEY_TAKEN)
        another = await client.send_as_another(report)
        self.assertEqual((await client.draft(another)).supersedes, report)
        await client.submit(another)
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual((await self.line(client, another)).phase, lapor.ReportPhase.SENT)

    async def test_a_session_that_ended_pauses_and_goes_on(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        self.gateway.act("sessions/end")
        step = await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual(step.next_wake.reason, lapor.WaitReason.SIGN_IN())
        self.assertEqual((await client.account()).session, lapor.SessionState.ENDED)
        self.assertEqual((await self.line(client, report)).standing.reason, lapor.WaitReason.SIGN_IN())
        await client.sign_in("siti", "rahasia123")
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.SENT)


class Limits(Phone):
    """Errors with data that the suite's single steps do not reach."""

    async def test_what_is_missing_is_named_at_submit(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await client.new_draft()
        with self.assertRaises(lapor.LaporError.Invalid) as raised:
            await client.submit(report)
        self.assertEqual(raised.exception.problems, await client.check(report))
        self.assertIn("5", raised.exception.log_line())

    async def test_a_word_that_means_several_reports(self) -> None:
        client = await self.open()
        # Seventeen keys, sixteen digits.
        keys = [await client.new_draft() for _ in range(17)]
        digit = next(key[0] for key in keys if sum(other[0] == key[0] for other in keys) > 1)
        with self.assertRaises(lapor.LaporError.Ambiguous) as raised:
            await client.find(digit)
        self.assertEqual(raised.exception.count, sum(key[0] == digit for key in keys))
        self.assertEqual(await client.find(keys[0][:13]), keys[0])

    async def test_one_picture_too_many(self) -> None:
        client = await self.open()
        report = await client.new_draft()
        path = self.folder / "small.png"
        for number in range(10):
            path.write_bytes(shell.png(8, 8, number))
            await client.attach(report, str(path))
        path.write_bytes(shell.png(8, 8, 10))
        with self.assertRaises(lapor.LaporError.TooManyAttachments) as raised:
            await client.attach(report, str(path))
        self.assertEqual(raised.exception.limit, 10)

    async def test_a_phone_that_was_not_unlocked_yet(self) -> None:
        self.home.mkdir()
        if os.geteuid() == 0:
            # Nothing is locked for root.
            nobody = 65534
            self.folder.chmod(0o711)
            os.chown(self.home, nobody, nobody)
            os.seteuid(nobody)
            self.addCleanup(os.seteuid, 0)
        client = await self.open()
        report = await client.new_draft()
        del client
        gc.collect()
        store = self.home / "store"
        store.chmod(0)
        with self.assertRaises(lapor.OpenError.StorageLocked):
            await self.open()
        store.chmod(0o700)
        client = await self.open()
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.DRAFT)


class Sharing(Phone):
    async def test_another_process_that_sends_is_named(self) -> None:
        """Two clients in one process hold the engine's lock like two processes."""
        client, other = await self.open(), await self.open()
        await client.sign_in("siti", "rahasia123")
        await self.submitted(client)
        self.gateway.faults({"route": "create", "stall": True})
        task = asyncio.create_task(client.sync(lapor.SyncUntil.CANCELLED))
        while not (await other.outbox())[0].maybe_sent:
            self.assertFalse(task.done())
        with self.assertRaises(lapor.LaporError.InUse) as raised:
            await other.sync(lapor.SyncUntil.NOTHING_DUE)
        self.assertIsInstance(raised.exception.pid, int)
        task.cancel()
