/** A client that does not read its stream: in one process with the server, so that no network holds bytes for it. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { makeWebHandler } from "../../../lib/web/app.ts";
import { MAX_QUEUED_BYTES } from "../../../lib/web/api/event_queue.ts";
import { Ring } from "../../../lib/log/ring.ts";
import { runServer } from "../../support/chat_server.ts";
import { SocketClient } from "../../support/socket_client.ts";
import { fakePorts } from "../ports.ts";
import { EventReader } from "./event_reader.ts";

const FROM = { host: "127.0.0.1", isSecure: false };
/** Characters of a text: a message has its own name, and fills a line. */
const TEXT_LENGTH = 350;

Deno.test("api: a reader that is too slow is told so, and goes on where it was without a gap or a repetition", async () => {
  const { server, stop } = await runServer({ ring: Ring.create(1 << 23) });
  const handler = makeWebHandler(fakePorts({ connect: (host, isSecure) => server.connect(host, isSecure) }));
  const open = (path: string, token: string, lastId?: string) => {
    const gone = new AbortController();
    const headers = {
      host: "127.0.0.1",
      authorization: `Bearer ${token}`,
      accept: "text/event-stream",
      ...lastId !== undefined && { "last-event-id": lastId },
    };
    const request = new Request(`http://127.0.0.1${path}`, { headers });
    return handler(request, { ...FROM, signal: gone.signal }).then((response) =>
      new EventReader(response, gone)
    );
  };
  const outcome = server.connect(FROM.host, false);
  assert(outcome.kind === "connected", "it is admitted");
  const alice = SocketClient.over(outcome.conn);
  await alice.send(
    "CAP REQ :draft/account-registration standard-replies\r\nNICK alice\r\nUSER a 0 * :a\r\nCAP END",
  );
  await alice.send("REGISTER * * :correct horse battery");
  await alice.until((line) => line.includes("REGISTER SUCCESS"));
  await alice.send("JOIN #ops\r\nTOKEN CREATE * read:#ops");
  await alice.until((line) => line.includes(" TOKEN CREATE "));
  const [, token = ""] = /TOKEN CREATE .*:(\S+)$/.exec(alice.take().at(-1)!) ?? [];

  const stream = await open("/api/v1/messages?room=ops", token);
  assertEquals((await stream.next()).event, "live");
  const said: string[] = [];
  for (let bytes = 0; bytes < 1.5 * MAX_QUEUED_BYTES; bytes += TEXT_LENGTH) {
    said.push(`m${said.length}`.padEnd(TEXT_LENGTH, "."));
    await alice.send(`PRIVMSG #ops :${said.at(-1)}`);
    if (said.length % 100 === 0) await alice.barrier();
  }
  await alice.barrier();
  const end = await stream.end();
  assertEquals(end.data.reason, "slow_reader");
  const heard = stream.messages.map(({ data }) => data.text);
  assertEquals(heard, said.slice(0, heard.length));
  assert(heard.length < said.length, "the queue is bounded");
  const again = await open("/api/v1/messages?room=ops", token, stream.lastId);
  heard.push(...await again.textsUntilLive());
  assertEquals(heard, said);
  again.close();
  alice.close();
  await stop();
});
