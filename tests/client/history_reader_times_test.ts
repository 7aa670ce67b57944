/**
 * Reading history by time from a server whose clock was set, and of which messages share a time: as a plain
 * filter reads it.
 */
import { assertEquals } from "@std/assert";
import type { HistorySource } from "../../lib/client/history/history_reader.ts";
import { readFromServer } from "../../lib/client/history/history_reader.ts";
import { LiveMerge } from "../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import { Random } from "../irc/property.ts";
import { START, TestHub } from "../support/hub.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { pureTest } from "../support/test.ts";

const CAPS = ["draft/chathistory", "server-time", "batch", "message-tags", "chatterbox.chat/seq"];
const RUNS = 150;

/** What a link to `test` is to a reader; the server gives `page` messages at once. */
function linkTo(test: TestHub, session: Session, page: number): HistorySource {
  return {
    session: { caps: new Set(CAPS), isupport: new Map([["CHATHISTORY", String(page)]]) },
    request: (message) => {
      test.heard(session);
      test.say(session, formatMessage(message));
      const lines = test.heard(session).map((line) => parseMessage(line)!);
      return Promise.resolve({ kind: "answered", lines: lines.filter(({ command }) => command !== "BATCH") });
    },
  };
}

/** Says some messages in #lobby by a clock that is set now and then; answers their times. */
function chat(test: TestHub, speaker: Session, random: Random): number[] {
  const times: number[] = [];
  const count = 1 + random.below(random.pick([10, 80]));
  for (let nth = 0; nth < count; nth++) {
    if (random.chance(15)) test.now = START + random.below(400) - 200;
    else test.now += random.below(2);
    test.say(speaker, `PRIVMSG #lobby :${nth}`);
    const { timeline } = test.hub.services.history.channel("#lobby");
    times.push(test.hub.services.history.timeOf(timeline.lastSeq)!);
  }
  return times;
}

pureTest(
  "--since, --until and --lines find what a plain filter finds, however the server's clock was set",
  async () => {
    for (let run = 0; run < RUNS; run++) {
      const seed = Math.floor(Math.random() * 0x1_0000_0000);
      const random = new Random(seed);
      const test = new TestHub();
      const [speaker, reader] = [test.enter("bob"), test.enter("alice", ...CAPS)];
      const times = chat(test, speaker, random);
      const moment = () => START + random.below(500) - 250;
      const since = random.chance(3) ? undefined : moment();
      const until = random.chance(3) ? undefined : moment();
      // Where time goes back a time that a message has means that message (CHATHISTORY), so it tells less
      // than a time.
      const isSorted = times.every((time, nth) => nth === 0 || time >= times[nth - 1]!);
      if (!isSorted && [(since ?? 0) - 1, until ?? 0].some((each) => times.includes(each))) continue;
      const limit = random.chance(2) ? undefined : 1 + random.below(20);
      const found: string[] = [];
      const outcome = await readFromServer({
        link: linkTo(test, reader, 1 + random.below(10)),
        now: 0,
        signal: new AbortController().signal,
        range: { target: "#lobby", since, until, limit },
        merge: new LiveMerge({ seen: new SeenMessages() }),
        show: (items) => {
          found.push(...items.map((item) => (item as MessageEntry).text));
          return Promise.resolve();
        },
        onNewLog: () => {},
      });
      assertEquals(outcome, { kind: "done" });
      const wanted = [...times.keys()].filter((nth) =>
        times[nth]! >= (since ?? -Infinity) && times[nth]! < (until ?? Infinity)
      );
      const expected = limit === undefined ? wanted : wanted.slice(-limit);
      assertEquals(found, expected.map(String), `seed ${seed}`);
    }
  },
);
