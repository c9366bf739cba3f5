"""What the service says, and every limit, reaches a shell with its data."""

import gc
import os

import lapor_ffi as lapor
import phone
import shell


class Answers(phone.Phone):
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


class Limits(phone.Phone):
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

    async def test_what_was_chosen_is_kept_and_holds_for_the_next_picture(self) -> None:
        client = await self.open()
        usual = await client.settings()
        self.assertEqual((usual.picture_bytes, usual.picture_edge), (300 * 1024, 1600))
        self.assertEqual((usual.picture_threads, usual.low_data), (lapor.PictureThreads.BY_PHONE, False))
        chosen = lapor.LaporSettings(
            picture_bytes=40 * 1024,
            picture_edge=640,
            picture_threads=lapor.PictureThreads.TWO,
            low_data=True,
            pictures_unmetered_only=True,
        )
        await client.set_settings(chosen)
        del client
        gc.collect()
        client = await self.open()
        self.assertEqual(await client.settings(), chosen)
        report = await client.new_draft()
        made = await client.attach(report, str(shell.photo(self.folder / "p.png")))
        self.assertLessEqual(made.attachment.bytes, 40 * 1024)
        self.assertEqual(max(made.attachment.width, made.attachment.height), 640)
        nothing = lapor.LaporSettings(
            picture_bytes=0,
            picture_edge=0,
            picture_threads=lapor.PictureThreads.BY_PHONE,
            low_data=False,
            pictures_unmetered_only=False,
        )
        await client.set_settings(nothing)
        least = await client.settings()
        self.assertEqual((least.picture_bytes, least.picture_edge), (20 * 1024, 320))

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
