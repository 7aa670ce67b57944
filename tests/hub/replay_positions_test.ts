import { assertEquals } from "@std/assert";
import { GRACE_PERIOD_MS, JOIN_REPLAY_MESSAGES } from "../../lib/hub/model/config.ts";
import {
  MAX_REPLAY_POSITIONS,
  MAX_REPLAY_POSITIONS_PER_ACCOUNT,
  REPLAY_POSITION_BYTES,
} from "../../lib/hub/services/replay_positions.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring } from "../../lib/log/ring.ts";
import { account, login } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPS = ["batch", "server-time"];

/** Texts of what `session` was told that was said in #tea since the last call. */
function said(chat: TestHub, session: Session, channel = "#tea"): string[] {
  return chat.heard(session).flatMap((line) => line.split(` PRIVMSG ${channel} :`)[1] ?? []);
}

/** alice is in #tea, and has said "one". */
function tea(...args: ConstructorParameters<typeof TestHub>): { chat: TestHub; alice: Session } {
  const chat = new TestHub(...args);
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #tea", "PRIVMSG #tea :one");
  return { chat, alice };
}

pureTest(
  "shown: an account that comes anew, also after the server has started again, is replayed what it has not been shown",
  () => {
    const ring = Ring.create(1 << 16);
    const { chat: before, alice } = tea({}, ring);
    const bob = login(before, "bob", undefined, { caps: CAPS });
    before.say(bob, "JOIN #tea");
    assertEquals(said(before, bob), ["one"]);
    before.say(bob, "QUIT");
    before.say(alice, "PRIVMSG #tea :two");
    const after = new TestHub({}, ring, before.takeFacts());
    const again = login(after, "bob", undefined, { caps: CAPS });
    after.say(again, "JOIN #tea");
    assertEquals(said(after, again), ["two"]);
  },
);

pureTest("shown: of more than are replayed the newest are, and how many were missed is told", () => {
  const { chat, alice } = tea();
  const bob = chat.enter("bob", ...CAPS);
  chat.say(bob, "JOIN #tea", "PART #tea");
  chat.heard(bob);
  const count = JOIN_REPLAY_MESSAGES + 5;
  chat.say(alice, ...Array.from({ length: count }, (_, nth) => `PRIVMSG #tea :${nth}`));
  chat.say(bob, "JOIN #tea");
  const lines = chat.heard(bob);
  assertEquals(lines.filter((line) => line.includes(" PRIVMSG #tea :")).length, JOIN_REPLAY_MESSAGES);
  assertEquals(lines.slice(-2).map((line) => line.split(" NOTICE bob :")[1]), [
    "35 messages in #tea since you left, the last 30 shown",
    "To see them all: /msg HistServ #tea 35",
  ]);
});

pureTest("shown: the account's read marker counts, wherever it was read", () => {
  const { chat } = tea();
  const reader = login(chat, "bob", undefined, { caps: ["draft/read-marker", "draft/chathistory"] });
  chat.say(reader, "MARKREAD #tea timestamp=2100-01-01T00:00:00.000Z", "QUIT");
  const bob = login(chat, "bob", undefined, { caps: CAPS });
  chat.say(bob, "JOIN #tea");
  assertEquals(said(chat, bob), []);
});

pureTest(
  "shown: a session that comes back after its connection broke is replayed what was said meanwhile",
  () => {
    const { chat, alice } = tea();
    const bob = login(chat, "bob", undefined, { caps: CAPS });
    chat.say(bob, "JOIN #tea");
    chat.hub.close(bob, "broken", chat.now, true);
    chat.say(alice, "PRIVMSG #tea :meanwhile");
    chat.advance(GRACE_PERIOD_MS / 2);
    const again = chat.open();
    chat.hub.context.commit({
      kind: "login",
      session: again,
      account: chat.hub.services.accounts.get("bob")!,
    });
    chat.say(again, `CAP REQ :${CAPS.join(" ")}`, "NICK bob", "USER bob 0 * :bob", "CAP END");
    assertEquals(said(chat, again), ["meanwhile"]);
  },
);

pureTest(
  "shown: what was said after a session was last heard is replayed where its PING had no answer",
  () => {
    const { chat, alice } = tea();
    chat.now += 1;
    const bob = login(chat, "bob", undefined, { caps: CAPS });
    chat.say(bob, "JOIN #tea");
    chat.now += 1;
    chat.say(alice, "PRIVMSG #tea :into the void");
    for (let ms = 0; ms <= 2 * chat.hub.context.limits.pingTimeoutMs + GRACE_PERIOD_MS; ms += 10_000) {
      chat.say(alice, "PING x");
      chat.advance(10_000);
    }
    const again = login(chat, "bob", undefined, { caps: CAPS });
    chat.say(again, "JOIN #tea");
    assertEquals(said(chat, again), ["into the void"]);
  },
);

pureTest("shown: a further session of a user that is in the room is replayed nothing", () => {
  const { chat } = tea();
  const bob = login(chat, "bob", undefined, { caps: CAPS });
  chat.say(bob, "JOIN #tea");
  const more = chat.open();
  chat.hub.context.commit({ kind: "login", session: more, account: chat.hub.services.accounts.get("bob")! });
  chat.say(more, `CAP REQ :${CAPS.join(" ")}`, "NICK bob", "USER bob 0 * :bob", "CAP END");
  assertEquals(said(chat, more), []);
});

pureTest(
  "shown: of a room that has the name since a rename it stays, also where the rename is read again at a start",
  async () => {
    const ring = Ring.create(1 << 16);
    const before = new TestHub({}, ring);
    const caps = [...CAPS, "draft/read-marker"]; // a client whose marker does not move by itself
    const [carol, bob] = [login(before, "carol"), login(before, "bob", undefined, { caps })];
    before.say(carol, "JOIN #tea", "RENAME #tea #coffee", "UNREGISTER carol");
    await before.errands();
    before.say(carol, "PART #coffee"); // nobody has it now, and the old name is free
    before.say(carol, "JOIN #tea", "PRIVMSG #tea :of the new one");
    before.say(bob, "JOIN #tea");
    assertEquals(said(before, bob), ["of the new one"]);
    before.say(bob, "QUIT");
    const after = new TestHub({}, ring, before.takeFacts());
    const again = login(after, "bob", undefined, { caps });
    after.say(again, "JOIN #tea");
    assertEquals(said(after, again), []);
  },
);

pureTest("shown: it goes along with a room that is renamed", () => {
  const { chat, alice } = tea();
  const bob = login(chat, "bob", undefined, { caps: CAPS });
  chat.say(bob, "JOIN #tea", "PART #tea");
  chat.takeFacts();
  chat.say(alice, "RENAME #tea #coffee", "PRIVMSG #coffee :two");
  const saved = chat.takeFacts().filter(({ kind }) => kind === "shown");
  assertEquals(saved.map(({ key, value }) => [key, Object.keys(JSON.parse(value!))]), [["bob", ["#coffee"]]]);
  chat.heard(bob);
  chat.say(bob, "JOIN #coffee");
  assertEquals(said(chat, bob, "#coffee"), ["two"]);
});

pureTest("shown: a user that was kicked has been shown what was said before", () => {
  const { chat, alice } = tea();
  const bob = chat.enter("bob", ...CAPS);
  chat.say(bob, "JOIN #tea");
  chat.say(alice, "KICK #tea bob", "PRIVMSG #tea :two");
  chat.heard(bob);
  chat.say(bob, "JOIN #tea");
  assertEquals(said(chat, bob), ["two"]);
});

pureTest(
  "shown: beyond the bound of all accounts the one that left its rooms longest ago forgets one",
  () => {
    const { chat } = tea();
    fill(chat);
    const bob = login(chat, "bob", undefined, { caps: CAPS });
    chat.takeFacts();
    chat.say(bob, "JOIN #tea", "PART #tea");
    const [first] = chat.takeFacts().filter(({ kind, key }) => kind === "shown" && key !== "bob");
    assertEquals([first?.key, Object.keys(JSON.parse(first!.value!)).length], [
      "a0",
      MAX_REPLAY_POSITIONS_PER_ACCOUNT - 1,
    ]);
  },
);

/** Of each of many accounts as many channels are known as may be, and of all together. */
function fill({ hub }: TestHub): void {
  for (let nth = 0; nth < MAX_REPLAY_POSITIONS / MAX_REPLAY_POSITIONS_PER_ACCOUNT; nth++) {
    const channels = Array.from(
      { length: MAX_REPLAY_POSITIONS_PER_ACCOUNT },
      (_, channel) => [`#r${channel}`, 1] as const,
    );
    hub.services.replayPositions.restore(`a${nth}`, Object.fromEntries(channels));
  }
}

/** Accounts of which something was saved since the last call. */
function saved(chat: TestHub): string[] {
  return chat.takeFacts().filter(({ kind }) => kind === "shown").map(({ key }) => key);
}

for (
  const [what, end] of [
    [
      "an account that has ended",
      (chat: TestHub) => chat.hub.services.replayPositions.dropAccount(account(chat, "a5")),
    ],
    [
      "a room that has another one's name now",
      ({ hub }: TestHub) =>
        hub.services.replayPositions.rename(
          "#r0",
          "#r1",
          hub.context.log.nextSeq,
        ),
    ],
  ] as const
) {
  pureTest(`shown: what was known of ${what} counts no more`, () => {
    const { chat } = tea();
    fill(chat);
    end(chat);
    const bob = login(chat, "bob", undefined, { caps: CAPS });
    chat.takeFacts();
    chat.say(bob, "JOIN #tea", "PART #tea");
    assertEquals(saved(chat), ["bob"]);
  });
}

pureTest("shown: an account that leaves a room again is not the one that left longest ago", () => {
  const { chat } = tea();
  const [carol, bob] = [login(chat, "carol"), login(chat, "bob")];
  chat.say(carol, "JOIN #tea", "PART #tea");
  fill(chat);
  saved(chat);
  for (const [session, name] of [[carol, "carol"], [bob, "bob"]] as const) {
    chat.say(session, "JOIN #tea", "PART #tea");
    assertEquals(saved(chat).sort(), ["a0", name]);
  }
});

pureTest("shown: a room that is left again is not the one that was left longest ago", () => {
  const { chat } = tea();
  const bob = login(chat, "bob", undefined, { caps: CAPS });
  chat.say(bob, "JOIN #tea", "PART #tea");
  for (let nth = 1; nth < MAX_REPLAY_POSITIONS_PER_ACCOUNT; nth++) {
    chat.say(bob, `JOIN #r${nth}`, `PART #r${nth}`);
  }
  chat.say(bob, "JOIN #tea", "PART #tea", "JOIN #more", "PART #more");
  chat.heard(bob);
  chat.say(bob, "JOIN #tea");
  assertEquals(said(chat, bob), []);
});

pureTest(
  "shown: of a user without an account it counts for the address, once for each room, as long as the session is there",
  () => {
    const { chat } = tea();
    const bob = chat.enter("bob");
    chat.say(bob, "JOIN #tea", "PART #tea", "JOIN #tea", "PART #tea");
    assertEquals(chat.hub.services.sessionMemory.total, REPLAY_POSITION_BYTES);
    chat.say(bob, "QUIT");
    assertEquals(chat.hub.services.sessionMemory.total, 0);
  },
);

pureTest(
  "shown: beyond its bound the room that was left longest ago is forgotten, and a fact is deleted with its account",
  () => {
    const { chat } = tea();
    const bob = login(chat, "bob", undefined, { caps: CAPS });
    chat.say(bob, "JOIN #tea", "PART #tea");
    for (let nth = 0; nth < MAX_REPLAY_POSITIONS_PER_ACCOUNT; nth++) {
      chat.say(bob, `JOIN #r${nth}`, `PART #r${nth}`);
    }
    chat.heard(bob);
    chat.say(bob, "JOIN #tea");
    assertEquals(said(chat, bob), ["one"]);
    const shown = chat.takeFacts().find(({ kind, key }) => kind === "shown" && key === "bob");
    assertEquals(Object.keys(JSON.parse(shown!.value!)).length, MAX_REPLAY_POSITIONS_PER_ACCOUNT);
    chat.say(bob, "UNREGISTER bob");
    const dropped = chat.takeFacts().find(({ kind, key }) => kind === "shown" && key === "bob");
    assertEquals(dropped, { kind: "shown", key: "bob", value: undefined, seq: 0 });
  },
);

pureTest("shown: after the clock was set back, what is said later than the read marker is replayed", () => {
  const { chat, alice } = tea();
  const caps = [...CAPS, "draft/read-marker"];
  const reader = login(chat, "bob", undefined, { caps });
  chat.say(reader, "JOIN #tea");
  chat.now += 5000;
  chat.say(reader, `MARKREAD #tea timestamp=${new Date(chat.now).toISOString()}`, "QUIT");
  chat.now -= 3_600_000;
  chat.hub.clockSet(-3_600_000);
  chat.hub.tick(chat.now);
  chat.now += 1000;
  chat.say(alice, "PRIVMSG #tea :later");
  const bob = login(chat, "bob", undefined, { caps });
  chat.say(bob, "JOIN #tea");
  assertEquals(said(chat, bob), ["later"]);
});
