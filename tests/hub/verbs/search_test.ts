import { assertEquals } from "@std/assert";
import type { ArchiveAnswer, ArchiveQuery, SearchAnswer, SearchQuery } from "../../../lib/log/archive.ts";
import { encodeEvent } from "../../../lib/hub/log/event_codec.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import { MAX_SEARCHED_MESSAGES } from "../../../lib/hub/history/log_search.ts";
import { CHATHISTORY_MAX_BYTES } from "../../../lib/hub/model/config.ts";
import { SEARCH_RATE } from "../../../lib/hub/services/limits/search_limits.ts";
import { MAX_SEARCH_LIMIT } from "../../../lib/hub/verbs/messaging/search.ts";
import { parseMessage } from "../../../lib/irc/message.ts";
import { parseSearchRest } from "../../../lib/irc/vendor_extensions.ts";
import { Ring } from "../../../lib/log/ring.ts";
import { login } from "../../support/hub_accounts.ts";
import { START, TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

const CAPS = ["batch", "message-tags", "soju.im/search", "chatterbox.chat/seq"];

/** The texts that a search finds, in the order of the batch, and the other lines that it is answered with. */
async function search(
  chat: TestHub,
  session: Session,
  attributes: string,
): Promise<{ texts: string[]; others: string[] }> {
  chat.heard(session);
  chat.say(session, `SEARCH ${attributes}`);
  await chat.errands();
  const lines = chat.heard(session);
  const texts = lines.flatMap((line) => / (?:PRIVMSG|NOTICE) \S+ :(.*)$/.exec(line)?.[1] ?? []);
  return { texts, others: lines.filter((line) => !/ (?:PRIVMSG|NOTICE) /.test(line)) };
}

/** The place before which the next page is. */
function nextOf(others: readonly string[]): string | undefined {
  return others.map((line) => parseSearchRest(parseMessage(line)!)?.before).find((before) =>
    before !== undefined
  );
}

/** A hub with an archive that answers with `answer`. */
function archived(answer: (query: SearchQuery) => ArchiveAnswer | undefined, during = () => {}) {
  const chat = new TestHub({ hasArchive: true });
  const queries: SearchQuery[] = [];
  chat.archive = (query: ArchiveQuery) => {
    if (query.kind !== "search") return undefined;
    queries.push(query);
    during();
    return answer(query);
  };
  return { chat, queries };
}

type Hit = SearchAnswer["hits"][number];

function hit(seq: number, channel: string, text: string): Hit {
  const payload = new Uint8Array(1024);
  const source = "bob!~bob@127.0.0.1";
  const target = { kind: "channel", name: channel } as const;
  const length = encodeEvent({
    kind: "message",
    verb: "PRIVMSG",
    source,
    from: "~1.1",
    target,
    text,
    tags: "",
    id: undefined,
  }, payload);
  const conversation = { kind: "channel", name: channel } as const;
  return { seq, time: START + seq, payload: payload.slice(0, length), conversation, name: channel };
}

function found(...hits: Hit[]): SearchAnswer {
  return { kind: "search", hits, isComplete: true, searchedFrom: 1 };
}

pureTest("search: the log is searched in pages, the newest page first, each in ascending order", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", ...CAPS);
  chat.say(alice, "JOIN #tea,#ops");
  for (let nth = 1; nth <= 7; nth++) {
    chat.say(alice, `PRIVMSG ${nth % 2 ? "#tea" : "#ops"} :needle ${nth}`, "PRIVMSG #tea :hay");
  }
  const pages: string[][] = [];
  for (let before = "";;) {
    const { texts, others } = await search(chat, alice, `text=needle;limit=3${before}`);
    pages.push(texts);
    const next = nextOf(others);
    if (next === undefined) break;
    before = `;chatterbox.chat/before=${next}`;
  }
  const names = (...numbers: number[]) => numbers.map((number) => `needle ${number}`);
  assertEquals(pages, [names(5, 6, 7), names(2, 3, 4), names(1)]);
});

pureTest("search: a page has so many messages at most", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", ...CAPS);
  chat.say(alice, "JOIN #tea");
  for (let nth = 0; nth <= MAX_SEARCH_LIMIT; nth++) chat.say(alice, "PRIVMSG #tea :needle");
  assertEquals((await search(chat, alice, "limit=1000")).texts.length, MAX_SEARCH_LIMIT);
});

pureTest("search: a page of long messages is cut, and the next one goes on there", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", ...CAPS, "draft/multiline");
  chat.say(alice, "JOIN #tea");
  const lines = Array.from({ length: 99 }, () => "@batch=x PRIVMSG #tea :needle");
  for (let nth = 0; nth < 100; nth++) chat.say(alice, "BATCH +x draft/multiline #tea", ...lines, "BATCH -x");
  const first = await search(chat, alice, "text=needle;limit=100");
  const shown = first.texts.length / lines.length;
  assertEquals(shown > 1 && shown < 100, true);
  const bytes = first.others.concat(first.texts).reduce((sum, line) => sum + line.length, 0);
  assertEquals(bytes < CHATHISTORY_MAX_BYTES, true);
  const second = await search(
    chat,
    alice,
    `text=needle;chatterbox.chat/before=${nextOf(first.others)};limit=100`,
  );
  assertEquals(second.texts.length / lines.length, 100 - shown);
});

pureTest("search: of a long log so many messages are searched, and the next page goes on there", async () => {
  const chat = new TestHub({ pieceUnits: Infinity }, Ring.create(1 << 24));
  const alice = chat.enter("alice", ...CAPS);
  chat.say(alice, "JOIN #tea", "PRIVMSG #tea :needle");
  for (let nth = 0; nth < MAX_SEARCHED_MESSAGES; nth++) chat.say(alice, "PRIVMSG #tea :x");
  const first = await search(chat, alice, "text=needle");
  assertEquals(first.texts, []);
  assertEquals(
    first.others.at(-1),
    `:irc.test NOTE SEARCH INCOMPLETE time ${
      nextOf(first.others)
    } :The search took too long: older messages were not searched`,
  );
  const second = await search(chat, alice, `text=needle;chatterbox.chat/before=${nextOf(first.others)}`);
  assertEquals(second.texts, ["needle"]);
  assertEquals(nextOf(second.others), undefined);
});

pureTest("search: redacted messages and CTCP are not found, /me is", async () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", ...CAPS, "draft/message-redaction", "echo-message");
  chat.say(alice, "JOIN #tea");
  chat.heard(alice);
  chat.say(alice, "PRIVMSG #tea :needle");
  const id = /msgid=([^;\s]+)/.exec(chat.heard(alice)[0]!)![1]!;
  chat.say(
    alice,
    `REDACT #tea ${id}`,
    "PRIVMSG #tea :\x01PING needle\x01",
    "PRIVMSG #tea :\x01ACTION needles needle\x01",
  );
  assertEquals((await search(chat, alice, "text=needle")).texts, ["\x01ACTION needles needle\x01"]);
});

pureTest("search: the archive is asked for what the session may read, and nothing else", async () => {
  const { chat, queries } = archived(() => found());
  const bob = chat.enter("bob");
  chat.say(bob, "JOIN #closed,#open", "MODE #closed +i", "PRIVMSG #closed :x", "PRIVMSG #open :x");
  const alice = await login(chat, "alice", undefined, { caps: CAPS });
  chat.say(alice, "JOIN #tea");
  await search(chat, alice, "text=needle");
  await search(chat, alice, "text=needle;in=#closed,#open,bob");
  const owner = alice.user!.owner;
  assertEquals(queries.map(({ conversations, owner }) => ({ conversations, owner })), [
    {
      conversations: [{ kind: "channel", name: "#tea" }],
      owner,
    },
    {
      conversations: [{ kind: "channel", name: "#open" }, { kind: "direct", owner, name: "bob" }],
      owner: undefined,
    },
  ]);
  const { limit, until, terms } = queries[0]!;
  assertEquals({ limit, until, terms }, {
    limit: 51,
    until: chat.log.nextSeq,
    terms: [{ words: ["needle"], isPrefix: false }],
  });
});

pureTest("search: an observer searches the rooms of its user, and the lobby", async () => {
  const { chat, queries } = archived(() => found());
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #tea", "MODE #tea +i");
  await search(
    chat,
    login(chat, "alice", undefined, { caps: [...CAPS, "chatterbox.chat/observer"] }),
    "text=x",
  );
  await search(chat, chat.enter("eve", ...CAPS, "chatterbox.chat/observer"), "text=x");
  const names = queries.map(({ conversations, owner }) => [owner, ...conversations.map(({ name }) => name)]);
  assertEquals(names, [["owner-alice", "#tea", "#lobby"], [undefined, "#lobby"]]);
});

pureTest(
  "search: what the archive finds is shown with the present name of the room, and in pages",
  async () => {
    const { chat } = archived(() => found(hit(9, "#tea", "needle 9"), hit(7, "#tea", "needle 7")));
    const alice = chat.enter("alice", ...CAPS);
    chat.say(alice, "JOIN #TEA");
    chat.heard(alice);
    chat.say(alice, "SEARCH text=needle;limit=1");
    await chat.errands();
    assertEquals(chat.heard(alice), [
      ":irc.test BATCH +1 soju.im/search",
      "@batch=1;msgid=9-testlog;chatterbox.chat/seq=9 :bob!~bob@127.0.0.1 PRIVMSG #TEA :needle 9",
      ":irc.test BATCH -1",
      ":irc.test NOTE SEARCH MORE 9-testlog :There are earlier matches",
    ]);
  },
);

pureTest("search: an answer that is not complete says so, and where the next page goes on", async () => {
  const { chat } = archived(() => ({
    ...found(hit(9, "#tea", "needle 9")),
    isComplete: false,
    searchedFrom: 1,
  }));
  const alice = chat.enter("alice", ...CAPS);
  chat.say(alice, "JOIN #tea");
  const { texts, others } = await search(chat, alice, "text=needle");
  assertEquals(texts, ["needle 9"]);
  assertEquals(nextOf(others), "1-testlog");
  assertEquals(others.at(-1)!.startsWith(":irc.test NOTE SEARCH INCOMPLETE time 1-testlog :"), true);
});

pureTest("search: if the archive does not answer, the log is searched, and the client is told", async () => {
  const { chat } = archived(() => undefined);
  const alice = chat.enter("alice", ...CAPS);
  chat.say(alice, "JOIN #tea", "PRIVMSG #tea :needle");
  const { texts, others } = await search(chat, alice, "text=needle");
  assertEquals(texts, ["needle"]);
  assertEquals(
    others.at(-1),
    ":irc.test NOTE SEARCH INCOMPLETE archive * :The archive cannot be searched now: only recent messages were",
  );
});

pureTest("search: an archive that gets no further is one that does not answer", async () => {
  let searchedFrom = Infinity;
  const { chat } = archived(() => ({ ...found(), isComplete: false, searchedFrom }));
  const alice = chat.enter("alice", ...CAPS);
  chat.say(alice, "JOIN #tea", "PRIVMSG #tea :needle");
  const why = ({ others }: { others: string[] }) => parseSearchRest(parseMessage(others.at(-1)!)!);
  const first = await search(chat, alice, "text=needle");
  assertEquals([first.texts, why(first)], [["needle"], { why: "archive", before: undefined }]);
  const page = "text=needle;chatterbox.chat/before=9-testlog";
  searchedFrom = 9;
  assertEquals(why(await search(chat, alice, page)), { why: "archive", before: undefined });
  searchedFrom = 8;
  assertEquals(why(await search(chat, alice, page)), { why: "time", before: "8-testlog" });
});

const MEANWHILE: Readonly<Record<string, (chat: TestHub, bob: Session) => void>> = {
  "the room is closed": (chat, bob) => chat.say(bob, "MODE #tea +i"),
  "the reader is banned": (chat, bob) => chat.say(bob, "MODE #tea +b alice"),
  "the room is renamed": (chat, bob) => chat.say(bob, "RENAME #tea #coffee"),
};

for (const [what, meanwhile] of Object.entries(MEANWHILE)) {
  pureTest(`search: nothing is shown if ${what} before the archive answers`, async () => {
    let during = () => {};
    const { chat } = archived(() => found(hit(9, "#tea", "needle 9")), () => during());
    const bob = await login(chat, "bob", undefined, { caps: ["draft/channel-rename"] });
    chat.say(bob, "JOIN #tea", "PRIVMSG #tea :x");
    const alice = chat.enter("alice", ...CAPS);
    assertEquals((await search(chat, alice, "text=needle;in=#tea")).texts, ["needle 9"]);
    chat.now += 60_000;
    during = () => meanwhile(chat, bob);
    assertEquals((await search(chat, alice, "text=needle;in=#tea")).texts, []);
  });
}

pureTest("search: a message that is redacted before the archive answers is not shown", async () => {
  let during = () => {};
  const answer: Hit[] = [];
  const { chat } = archived(() => found(...answer), () => during());
  const alice = chat.enter("alice", ...CAPS, "draft/message-redaction", "echo-message");
  chat.say(alice, "JOIN #tea");
  chat.heard(alice);
  chat.say(alice, "PRIVMSG #tea :needle 1", "PRIVMSG #tea :needle 2");
  const seqs = chat.heard(alice).map((line) => Number.parseInt(/msgid=([^;\s]+)/.exec(line)![1]!, 36));
  answer.push(hit(seqs[1]!, "#tea", "needle 2"), hit(seqs[0]!, "#tea", "needle 1"));
  const bob = chat.enter("bob", ...CAPS);
  during = () => chat.say(alice, `REDACT #tea ${seqs[1]!.toString(36)}-testlog`);
  assertEquals((await search(chat, bob, "text=needle;in=#tea")).texts, ["needle 1"]);
});

pureTest("search: a room that is not there and one that may not be read are the same", async () => {
  for (const hasArchive of [false, true]) {
    const chat = new TestHub({ hasArchive });
    chat.archive = () => ({ ...found(hit(3, "#open", "needle 3")), unknown: ["#nowhere"] });
    const bob = chat.enter("bob");
    chat.say(bob, "JOIN #closed,#open", "MODE #closed +i", "PRIVMSG #closed,#open :needle");
    const alice = chat.enter("alice", ...CAPS);
    for (const name of ["#closed", "#nowhere"]) {
      for (const places of [name, `#open,${name}`, `${name},#open,bob`]) {
        for (const text of ["needle", "nothing"]) {
          assertEquals(await search(chat, alice, `text=${text};in=${places}`), {
            texts: [],
            others: [
              `:irc.test FAIL SEARCH INVALID_PARAMS in ${name} :There is no such room, or you may not read it`,
            ],
          });
          chat.advance(3000);
        }
      }
    }
  }
});

pureTest(
  "search: what is left of a room of which the log holds nothing is found in the archive",
  async () => {
    const { chat } = archived(() => found(hit(3, "#gone", "needle 3")));
    const alice = chat.enter("alice", ...CAPS);
    assertEquals((await search(chat, alice, "text=needle;in=#gone")).texts, ["needle 3"]);
    chat.archive = () => undefined;
    for (const name of ["#gone", "#nowhere"]) {
      assertEquals((await search(chat, alice, `text=needle;in=${name}`)).others.slice(2), [
        ":irc.test NOTE SEARCH INCOMPLETE archive * :The archive cannot be searched now: only recent messages were",
      ]);
    }
  },
);

pureTest("search: an account has one search at a time", async () => {
  const { chat } = archived(() => found());
  const first = await login(chat, "alice", undefined, { caps: CAPS });
  const second = await login(chat, "alice", undefined, { caps: CAPS });
  const bob = chat.enter("bob", ...CAPS);
  for (const session of [first, second, bob]) chat.heard(session);
  for (const session of [first, second, bob]) chat.say(session, "SEARCH text=needle");
  assertEquals(chat.heard(second), [
    ":irc.test FAIL SEARCH RATE_LIMITED 1 :Too many searches: try again in 1 s",
  ]);
  await chat.errands();
  assertEquals(chat.heard(first).length, 2);
  assertEquals(chat.heard(bob).length, 2);
  assertEquals((await search(chat, second, "text=needle")).others.length, 2);
});

pureTest("search: a search that its session does not wait for holds up no other", async () => {
  const { chat } = archived(() => found());
  const first = await login(chat, "alice", undefined, { caps: CAPS });
  const second = await login(chat, "alice", undefined, { caps: CAPS });
  chat.say(first, "SEARCH text=needle");
  chat.hub.close(first, "gone", chat.now);
  assertEquals((await search(chat, second, "text=needle")).others.length, 2);
});

pureTest("limits: searches from one address, so many in a time", async () => {
  const chat = new TestHub();
  const alice = chat.open("192.0.2.1");
  chat.say(alice, "NICK alice", "USER alice 0 * :alice");
  const answers = [];
  for (let nth = 0; nth <= SEARCH_RATE.count; nth++) {
    answers.push((await search(chat, alice, "text=x")).others.at(-1));
  }
  assertEquals(answers.pop(), ":irc.test FAIL SEARCH RATE_LIMITED 2 :Too many searches: try again in 2 s");
  assertEquals(answers.every((each) => each === undefined), true);
  chat.advance(SEARCH_RATE.ms / SEARCH_RATE.count);
  assertEquals((await search(chat, alice, "text=x")).others, []);
});
