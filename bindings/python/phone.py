"""What every story begins with."""

import asyncio
import os
import tempfile
import unittest
from pathlib import Path

import lapor_ffi as lapor
import shell
from sandbox import Sandbox


class Phone(unittest.IsolatedAsyncioTestCase):
    """A folder, keys, and a gateway that can be reached."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.home = self.folder / "phone"
        # The store's key and the install id, as a Keystore would hold them.
        self.secret = (os.urandom(32), os.urandom(16))
        self.keys = lapor.StoreKeys(*self.secret)
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
