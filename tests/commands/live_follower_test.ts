/** What comes faster than it can be shown: the bounds of `follow`, and what becomes of the connection. */
import { assertEquals, assertMatch } from "@std/assert";
import type { ClientLogin } from "../../commands/support/client_login.ts";
import { followTarget } from "../../commands/logs/live_follower.ts";
import type { StopReason } from "../../lib/cli/exit_codes.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { fakeServerTest, OUR_CAPS } from "../client/fake_server.ts";
import type { FakeServer, Peer } from "../client/fake_server.ts";
import type { HistoryItem } from "../../lib/client/conversation/model/chat_entry.ts";

/** Entries that may wait to be shown, or for the history before them (docs/limits.md). */
const MAX_ENTRIES = 10_000;
/** More than that, by more than one read takes. */
const MANY = MAX_ENTRIES + 5000;
/** Lines sent in one write. */
const LINES_A_WRITE = 1000;

/** Says messages `from` to `to` in #a. */
async function say(peer: Peer, from: number, to: number): Promise<void> {
  for (let start = from; start <= to; start += LINES_A_WRITE) {
    const count = Math.min(LINES_A_WRITE, to - start + 1);
    const line = (n: number) => `@msgid=m${n};chatterbox.chat/seq=${n} :bob!b@h PRIVMSG #a :x`;
    await peer.send(...Array.from({ length: count }, (_, n) => line(start + n)));
  }
}

/** Lets the client in, and follow; its question for history is answered (there is none) where `answers`. */
async function followed(peer: Peer, answers: boolean): Promise<void> {
  await peer.welcome(OUR_CAPS);
  const [, label] = await peer.until(/^@label=(\S+) FOLLOW/);
  await peer.send(`@label=${label} :fake ACK`);
  const [, question] = await peer.until(/^@label=(\S+) CHATHISTORY/);
  if (answers) await peer.send(`@label=${question} :fake BATCH +h chathistory #a`, ":fake BATCH -h");
}

/** Follows #a without coming back, until `enough` is aborted; each piece is shown once `show` has resolved. */
async function following(
  server: FakeServer,
  show: (items: readonly HistoryItem[]) => Promise<void>,
  enough = new AbortController(),
): Promise<{ code: number; err: string }> {
  const io = new FakeIo();
  const access: ClientLogin = {
    address: server.address,
    name: "alice",
    isNameExplicit: true,
    registration: { nick: "alice" },
  };
  const code = await server.run(followTarget({
    access,
    range: { target: "#a", isWanted: () => true },
    position: undefined,
    retry: false,
    io,
    signal: enough.signal,
    show,
    onNewLog: () => {},
    onTrouble: () => undefined,
  }));
  await io.flush();
  return { code, err: io.err };
}

{
  const live = Promise.withResolvers<void>();
  fakeServerTest("follow: messages that are shown at once have no bound", async (peer) => {
    await followed(peer, true);
    await live.promise;
    await say(peer, 1, MANY);
    await peer.gone();
  }, async (server) => {
    const enough = new AbortController();
    let last = 0;
    const outcome = await following(server, (items) => {
      live.resolve();
      for (const item of items) last = item.kind === "gap" ? last : item.seq!;
      if (last === MANY) enough.abort({ why: "enough" } satisfies StopReason);
      return Promise.resolve();
    }, enough);
    assertEquals([outcome, last], [{ code: 0, err: "" }, MANY]);
  });
}

for (
  const [count, code, words] of [
    [MAX_ENTRIES, 0, /^$/],
    [MAX_ENTRIES + 1, 75, /connection lost: the reader of standard output is too slow/],
  ] as const
) {
  const live = Promise.withResolvers<void>();
  fakeServerTest(`follow: ${count} that wait for a reader that takes nothing: ${code}`, async (peer) => {
    await followed(peer, true);
    await live.promise;
    await say(peer, 1, count);
    await peer.gone();
  }, async (server) => {
    const enough = new AbortController();
    let shown = 0;
    const outcome = await following(server, (items) => {
      live.resolve();
      if (items.length === 0) return Promise.resolve();
      if (++shown === MAX_ENTRIES) {
        queueMicrotask(() => count === MAX_ENTRIES && enough.abort({ why: "enough" }));
      }
      return new Promise(() => {});
    }, enough);
    assertEquals(outcome.code, code);
    assertMatch(outcome.err, words);
  });
}

fakeServerTest(
  "follow: too many new messages while history is read: the connection is dropped",
  async (peer) => {
    await followed(peer, false);
    await say(peer, 1, MAX_ENTRIES + 1);
    await peer.gone();
  },
  async (server) => {
    const { code, err } = await following(server, () => Promise.resolve());
    assertEquals(code, 75);
    assertMatch(err, /connection lost: too many new messages while history was read/);
  },
);
