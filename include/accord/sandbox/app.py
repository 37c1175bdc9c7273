"""The ASGI application: one call in, one answer out, or what a fault makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
import zlib
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from accord.sandbox import control, hubspot_http, salesforce_http
from accord.sandbox.faults import error_answer, html_answer, redirect_answer, thinned
from accord.sandbox.wire import Answer, Call, Service

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from accord.sandbox.core import Crms
    from accord.sandbox.faults import Fault

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

_GZIP_FROM = 1_000
_FOREVER = 600.0
_TICK = 0.01


class App:
    """Both CRMs and the control under `/_sandbox/` as one ASGI application."""

    def __init__(self, crms: Crms) -> None:
        self._crms = crms
        self._services = (hubspot_http.SERVICE, salesforce_http.SERVICE)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        call = await _read(scope, receive, f"req-{next(self._numbers):08d}")
        if call is None:
            return
        self._crms.clock.run_due()
        service = next((it for it in self._services if call.path.startswith(it.prefixes)), None)
        if service is None:
            await self._reply(call, send, control.answer(self._crms, call))
            return
        service.count(self._crms, call)
        fault = self._crms.faults.due(service.crm, call)
        if fault is None:
            await self._reply(call, send, service.answer(self._crms, call))
        else:
            await self._spoil(fault, service, call, receive, send)

    async def _spoil(self, fault: Fault, service: Service, call: Call, receive: Receive, send: Send) -> None:
        """Play a fault."""
        match fault.do:
            case "drop_before":
                await _cut(send)
            case "reset":
                await _cut(send, hard=True)
            case "drop_after_commit":
                service.answer(self._crms, call)
                await _cut(send)
            case "late_commit":
                self._crms.clock.schedule(fault.seconds, lambda: _answer_later(service, self._crms, call))
                asyncio.get_running_loop().call_later(fault.seconds + _TICK, self._crms.clock.run_due)
                await self._never(fault, receive, send)
            case "blackhole":
                await self._never(fault, receive, send)
            case "hold":
                await self._hold(fault, service, call, send)
            case "truncate":
                await self._reply(call, send, service.answer(self._crms, call), cut_after=fault.bytes)
            case "drip":
                await self._drip(call, send, service.answer(self._crms, call))
            case _:
                await self._reply(call, send, self._changed(fault, service, call))

    def _changed(self, fault: Fault, service: Service, call: Call) -> Answer:
        """Return the answer a fault puts in the place of the right one."""
        if fault.do == "status":
            return error_answer(service.crm, call, fault.status)
        if fault.do == "redirect":
            return redirect_answer(call)
        answer = service.answer(self._crms, call)
        match fault.do:
            case "dup_request":
                return service.answer(self._crms, call)
            case "status_after_commit":
                return error_answer(service.crm, call, fault.status)
            case "rewrite_status":
                return Answer(fault.status, answer.body, answer.headers)
            case "html":
                return html_answer()
            case _:
                return thinned(answer, keep_every=2 if fault.do == "half_page" else 0)

    async def _hold(self, fault: Fault, service: Service, call: Call, send: Send) -> None:
        """Answer late; on a standing clock a client that would have given up meets a broken connection."""
        if self._crms.clock.is_frozen:
            self._crms.clock.advance(fault.seconds)
        else:
            await asyncio.sleep(fault.seconds)
        answer = service.answer(self._crms, call)
        if self._crms.clock.is_frozen and fault.seconds >= fault.patience:
            await _cut(send)
        else:
            await self._reply(call, send, answer)

    async def _never(self, fault: Fault, receive: Receive, send: Send) -> None:
        """Keep the client waiting until it gives up; on a standing clock that is at once."""
        if self._crms.clock.is_frozen:
            if fault.do == "blackhole":
                self._crms.clock.advance(fault.patience)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(receive(), _FOREVER)
        await _cut(send)

    async def _drip(self, call: Call, send: Send, answer: Answer) -> None:
        """Answer one byte a second."""
        if self._crms.clock.is_frozen:
            self._crms.clock.advance(len(answer.body))
            await self._reply(call, send, answer)
            return
        await send(self._start(answer))
        for byte in answer.body:
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(1)
        await send({"type": "http.response.body", "body": b""})

    async def _reply(self, call: Call, send: Send, answer: Answer, cut_after: int | None = None) -> None:
        """Send an answer, whole or cut."""
        if (
            self._crms.switches.gzip
            and len(answer.body) > _GZIP_FROM
            and "gzip" in call.headers.get("accept-encoding", "")
        ):
            pack = zlib.compressobj(1, zlib.DEFLATED, 31)
            headers = answer.headers | {"content-encoding": "gzip", "vary": "Accept-Encoding"}
            answer = Answer(answer.status, pack.compress(answer.body) + pack.flush(), headers)
        await send(self._start(answer))
        if cut_after is None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        await send({"type": "http.response.body", "body": answer.body[:cut_after], "more_body": True})
        await _cut(send, flush=True)

    def _start(self, answer: Answer) -> Message:
        """Return the head of an answer; its Date is the CRMs' own."""
        headers = answer.headers | {"date": format_datetime(self._crms.clock.now(), usegmt=True)}
        if answer.status != 204:
            headers["content-length"] = str(len(answer.body))
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        return {"type": "http.response.start", "status": answer.status, "headers": pairs}


def _answer_later(service: Service, crms: Crms, call: Call) -> None:
    """Do a call whose client has long gone."""
    service.answer(crms, call)


async def _read(scope: Message, receive: Receive, request_id: str) -> Call | None:
    """Return the request with its whole body, None where the client went away in the middle of it."""
    parts, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Call(scope["method"], unquote(scope["path"]), query, headers, b"".join(parts), request_id=request_id)


async def _cut(send: Send, *, hard: bool = False, flush: bool = False) -> None:
    """Close the connection under the client, with a reset or after what was sent; ASGI has no word for it."""
    transport = send.__self__.transport  # type: ignore[attr-defined]
    if hard:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if flush:
        transport.close()
    else:
        transport.abort()
    # uvicorn learns of the loss in the next turns of the loop, and then asks for no answer.
    for _ in range(3):
        await asyncio.sleep(0)
