import { assertEquals } from "@std/assert";
import { ResponseBudget } from "../../../lib/web/api/response_budget.ts";
import { StreamCounts } from "../../../lib/web/api/api_call.ts";
import { ApiSessions } from "../../../lib/web/api/api_session.ts";
import { followMessages } from "../../../lib/web/api/message_stream.ts";
import { inTime } from "../../support/guard.ts";
import { InProcessApi } from "./in_process.ts";

Deno.test("api: a stream without events has comments, and none when it has ended", async () => {
  await using api = await InProcessApi.start();
  const alice = await api.enter("alice");
  const token = await api.token(alice, "read:#ops");
  const gone = new AbortController();
  const url = new URL("http://127.0.0.1/api/v1/messages?room=ops");
  const response = await followMessages({
    server: {
      sessions: new ApiSessions((host, isSecure) => api.running.server.connect(host, isSecure)),
      streams: new StreamCounts(),
      responses: new ResponseBudget(),
      now: () => Date.now(),
      heartbeatMs: 1,
    },
    url,
    request: new Request(url, { headers: { authorization: `Bearer ${token}` } }),
    from: { host: "127.0.0.1", isSecure: false, signal: gone.signal, charge() {} },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.endsWith(": alive\n\n: alive\n\n")) text += (await inTime("a comment", reader.read())).value;
  gone.abort();
  for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
  assertEquals(text.split("event: end\n").length, 2);
  assertEquals(text.split("event: end\n")[1]!.includes(": alive"), false);
  alice.close();
});
