"""What the bridge itself promises: callbacks, cancelling at any point, nothing blocks."""

import asyncio
import socket
import threading
import time

import lapor_ffi as lapor
import phone
import shell


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


class Listening(phone.Phone):
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


class Cancelling(phone.Phone):
    async def sending(self, client: lapor.LaporClient) -> asyncio.Task:
        """A sync whose exchange the gateway does not answer."""
        self.gateway.faults({"route": "create", "stall": True})
        task = asyncio.create_task(client.sync(lapor.SyncUntil.CANCELLED))
        while not (await client.outbox())[0].may_have_arrived:
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


    async def test_the_gateway_hears_of_a_sign_out_that_nobody_waits_for_any_more(self) -> None:
        for leaves in ("sign_out", "forget_me"):
            client = await self.open()
            await client.sign_in("siti", "rahasia123")
            before = self.ended_sessions()
            leaving = asyncio.create_task(getattr(client, leaves)())
            await asyncio.sleep(0)
            # It runs to its end on its own thread; this one is busy, and then gives it up.
            time.sleep(1)
            leaving.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await leaving
            self.assertTrue((await client.account()).is_guest)
            for _ in range(100):
                if self.ended_sessions() > before:
                    break
                await asyncio.sleep(0.1)
            self.assertEqual(self.ended_sessions(), before + 1, leaves)

    def ended_sessions(self) -> int:
        return sum((one["method"], one["route"]) == ("DELETE", "session") for one in self.gateway.see("journal"))

    async def test_who_signs_out_does_not_wait_for_a_sign_in(self) -> None:
        # It takes connections and never answers.
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        client = await self.open(gateway=f"http://127.0.0.1:{silent.getsockname()[1]}")
        signing_in = asyncio.create_task(client.sign_in("siti", "rahasia123"))
        connection, _ = await asyncio.to_thread(silent.accept)
        await asyncio.wait_for(client.sign_out(), 5)
        self.assertFalse(signing_in.done())
        # Now the line breaks.
        connection.close()
        silent.close()
        with self.assertRaises(lapor.LaporError.Cancelled):
            await asyncio.wait_for(signing_in, 30)
        self.assertTrue((await client.account()).is_guest)


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


class Pictures(phone.Phone):
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
        self.assertTrue(13 <= made.attachment.quality <= 100)
        small = await client.thumbnail(made.attachment.sha256)
        self.assertEqual(small[:2], b"\xff\xd8")
        self.assertLess(len(small), 25_000)
        other = await client.new_draft()
        self.assertEqual(await client.thumbnails([other, report]), [lapor.ListThumbnail(key=report, jpeg=small)])

    async def test_what_is_covered_has_no_influence(self) -> None:
        client = await self.open()
        whole = lapor.CoveredRegion(left=-0.1, top=0.0, width=1.2, height=1.0)
        kept = []
        for seed in (1, 2):
            report = await client.new_draft()
            path = str(shell.photo(self.folder / "p.png", seed))
            kept.append((await client.attach(report, path, covered=[whole])).attachment.sha256)
        self.assertEqual(kept[0], kept[1])
        outside = lapor.CoveredRegion(left=1.0, top=0.0, width=0.5, height=1.0)
        with self.assertRaises(lapor.LaporError.Picture) as refused:
            await client.attach(report, path, covered=[outside])
        self.assertTrue(refused.exception.problem.is_region_outside())

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


class Sharing(phone.Phone):
    async def test_another_process_that_sends_is_named(self) -> None:
        """Two clients in one process hold the engine's lock like two processes."""
        client, other = await self.open(), await self.open()
        await client.sign_in("siti", "rahasia123")
        await self.submitted(client)
        self.gateway.faults({"route": "create", "stall": True})
        task = asyncio.create_task(client.sync(lapor.SyncUntil.CANCELLED))
        while not (await other.outbox())[0].may_have_arrived:
            self.assertFalse(task.done())
        with self.assertRaises(lapor.LaporError.InUse) as raised:
            await other.sync(lapor.SyncUntil.NOTHING_DUE)
        self.assertIsInstance(raised.exception.pid, int)
        task.cancel()
