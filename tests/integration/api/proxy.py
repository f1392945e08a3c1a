"""A TCP proxy that can freeze: bytes stop, connections stay open, as when a server hangs or a network drops packets."""

import asyncio
import contextlib


class Proxy:
    """Forwards 127.0.0.1:port to a server, until `freeze()`; `thaw()` lets everything through again."""

    def __init__(self, host, port):
        self.target = (host, int(port))
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.port = 0
        self._open = set()

    def freeze(self):
        self.flowing.clear()

    def thaw(self):
        self.flowing.set()

    async def _pump(self, reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self.flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _accept(self, reader, writer):
        upstream_reader, upstream_writer = await asyncio.open_connection(*self.target)
        self._open |= {writer, upstream_writer}
        await asyncio.gather(self._pump(reader, upstream_writer), self._pump(upstream_reader, writer))

    @contextlib.asynccontextmanager
    async def running(self):
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in self._open:
                writer.transport.abort()
            self.thaw()
