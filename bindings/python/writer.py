"""The app in a process of its own, to be killed. Says what it did, a JSON object a line.

    writer.py write HOME KEY INSTALL GATEWAY PHOTO   signs in; after a line on stdin writes a
                                                     report, submits it and keeps trying to send
    writer.py send HOME KEY INSTALL GATEWAY          keeps sending
"""

import asyncio
import json
import sys
from pathlib import Path

import lapor_ffi as lapor
import shell


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def main(task: str, home: str, key: str, install: str, gateway: str, *photo: str) -> None:
    keys = lapor.StoreKeys(key=bytes.fromhex(key), install=bytes.fromhex(install))
    client = await lapor.LaporClient.open(shell.options(Path(home), keys, gateway))
    if task == "write":
        account = await client.sign_in("siti", "rahasia123")
        say(signed_in=account.user)
        await asyncio.to_thread(sys.stdin.readline)

        report = await client.new_draft()
        await shell.fill_in(client, report, "Jalan berlubang")
        made = await client.attach(report, photo[0])
        await client.submit(report)
        step = await client.sync_step(2_000)
        wake = step.next_wake
        say(
            report=report,
            picture=made.attachment.bytes,
            sha256=made.attachment.sha256,
            more=step.more,
            is_offline=wake.reason.is_offline(),
            words=wake.words,
        )
    else:
        # The OS says that a network came: what waits does not sit out its delay.
        network, captive = lapor.NetworkState, lapor.CaptivePortal
        await client.set_surroundings(lapor.Surroundings(network=network.UP, metered=False, captive=captive.NO))
    say(sending=True)
    await client.sync(lapor.SyncUntil.CANCELLED)


asyncio.run(main(*sys.argv[1:]))
