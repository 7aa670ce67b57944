import { assertEquals } from "@std/assert";
import { connect } from "../../lib/client/connection/connect.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { withLink } from "../../lib/client/connection/with_link.ts";
import type { LinkUseOutcome } from "../../lib/client/connection/with_link.ts";
import { FakeServer } from "./fake_server.ts";
import type { Script } from "./fake_server.ts";

type Run = (link: Link) => Promise<unknown>;

/** What the use of a link to a server that runs `script` comes to. */
async function outcomeOf(
  script: Script,
  run: Run,
  signal = new AbortController().signal,
): Promise<LinkUseOutcome<unknown>> {
  await using server = new FakeServer(script);
  const connecting = connect({ address: server.address, registration: { nick: "alice" }, signal });
  return await server.run(withLink(connecting, signal, run));
}

const options = { permissions: { net: true } } as const;

Deno.test("with a link: the value of its use, and then the link is closed", options, async () => {
  let used: Link | undefined;
  const outcome = await outcomeOf(async (peer) => {
    await peer.welcome();
    await peer.until(/^QUIT :?Leaving$/);
  }, (link) => {
    used = link;
    return Promise.resolve(link.nick);
  });
  assertEquals(outcome, { kind: "done", value: "alice" });
  assertEquals(used?.isAlive, false);
});

Deno.test("with a link: a failed connection is the outcome, and nothing runs", options, async () => {
  const outcome = await outcomeOf(async (peer) => {
    await peer.until(/^USER /);
    await peer.send("ERROR :full");
  }, () => Promise.reject(new Error("runs")));
  assertEquals(outcome, { kind: "refused", reason: "closed", text: "full" });
});

Deno.test("with a link: a signal ends the link, and the outcome is aborted", options, async () => {
  const stop = new AbortController();
  const results: unknown[] = [];
  const outcome = await outcomeOf(
    async (peer) => {
      await peer.welcome();
      await peer.until(/^WHO$/);
      stop.abort();
      await peer.gone();
    },
    async (link) => results.push(await link.request({ command: "WHO" })),
    stop.signal,
  );
  assertEquals(outcome, { kind: "aborted", text: "interrupted" });
  assertEquals(results, [{ kind: "lost", text: "interrupted" }]);
});

Deno.test("with a link: what its use throws is thrown, and the link is closed", options, async () => {
  let used: Link | undefined;
  let thrown: unknown;
  await outcomeOf(async (peer) => {
    await peer.welcome();
    await peer.gone();
  }, (link) => {
    used = link;
    throw new Error("a bug");
  }).catch((error) => thrown = error.message);
  assertEquals(thrown, "a bug");
  assertEquals(used?.isAlive, false);
});
