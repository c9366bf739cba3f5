"""Uploads that the OS makes while the app is gone."""

import gc
import urllib.error
import urllib.request
from pathlib import Path
from typing import List, Tuple

import lapor_ffi as lapor
import phone
import shell

Told = Tuple[int, List[lapor.HttpHeader], bytes]


def os_sends(upload: lapor.BackgroundUpload) -> Told:
    """What the background session of an OS does, knowing nothing of reports."""
    headers = {header.name: header.value for header in upload.headers()}
    body = Path(upload.body_path()).read_bytes()
    request = urllib.request.Request(upload.url(), body, headers, method=upload.method())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return told(answer.status, answer)
    except urllib.error.HTTPError as answer:
        return told(answer.code, answer)


def told(status: int, answer) -> Told:
    headers = [lapor.HttpHeader(name=name, value=value) for name, value in answer.headers.items()]
    return status, headers, answer.read()


class Background(phone.Phone):
    async def test_words_and_picture_arrive_while_the_app_is_gone(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await client.new_draft()
        await shell.fill_in(client, report, "Jalan berlubang")
        await client.attach(report, str(shell.photo(self.folder / "p.png")))
        await client.submit(report)
        await client.suspend()
        for method in ("PUT", "PATCH"):
            upload = await client.prepare_background_upload()
            self.assertEqual((upload.method(), upload.report()), (method, report))
            self.assertIsNone(await client.prepare_background_upload())
            del client
            gc.collect()
            answer = os_sends(upload)
            client = await self.open()
            self.assertEqual(await client.pending_background_jobs(), [upload.job_id()])
            settled = await client.import_background_result(upload.job_id(), *answer)
            self.assertEqual(settled, lapor.BackgroundImport.SETTLED)
            again = await client.import_background_result(upload.job_id(), *answer)
            self.assertEqual(again, lapor.BackgroundImport.LATE)
            self.assertEqual(list((self.home / "spool").iterdir()), [])
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.SENT)
        await client.sync(lapor.SyncUntil.IDLE)
        row = await self.line(client, report)
        self.assertEqual((row.pictures.stored, row.pictures.total), (1, 1))
        (seen,) = self.gateway.see("reports")
        self.assertEqual((seen["key"], seen["creates"], seen["missing"]), (report, 1, []))
        self.assertEqual(self.gateway.see("violations")["violations"], [])

    async def test_a_request_for_the_os_prints_neither_its_token_nor_its_address(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        await self.submitted(client)
        upload = await client.prepare_background_upload()
        for printed in (repr(upload), str(upload), f"{upload}"):
            for secret in ("Bearer", "authorization", "/v1/reports"):
                self.assertNotIn(secret, printed)

    async def test_what_the_os_lost_goes_again(self) -> None:
        client = await self.open()
        await client.sign_in("siti", "rahasia123")
        report = await self.submitted(client)
        upload = await client.prepare_background_upload(report)
        await client.drop_background_job(upload.job_id())
        self.assertTrue((await self.line(client, report)).standing.reason.is_unknown())
        await client.sync(lapor.SyncUntil.IDLE)
        self.assertEqual((await self.line(client, report)).phase, lapor.ReportPhase.SENT)
        with self.assertRaises(lapor.LaporError.NoSuchJob):
            await client.drop_background_job("nobody's")
