import { assertEquals } from "@std/assert";
import { LogWalk } from "../../../lib/hub/handover/log_walk.ts";
import { countMembers, MemberIndex, UserModel } from "../../../lib/hub/handover/user_model.ts";
import { encodeEvent, EVENT_MAX_BYTES } from "../../../lib/hub/log/event_codec.ts";
import type { RecordedEvent } from "../../../lib/hub/model/state/event.ts";
import type { SessionState, UserState } from "../../../lib/hub/handover/session_state.ts";
import { MemoryEventLog } from "../../support/memory_event_log.ts";
import { pureTest } from "../../support/test.ts";

const ANN = "ann!a@h";
const RULES = { accountNameAt: () => "", isOperatorOnEntry: () => true, largeChannel: 500 };

function logOf(...events: RecordedEvent[]): MemoryEventLog {
  const log = new MemoryEventLog();
  const scratch = new Uint8Array(EVENT_MAX_BYTES);
  for (const event of events) log.append(1, scratch, encodeEvent(event, scratch));
  return log;
}

/** ann, presented with a state of `stateSeq`. */
function walkOf(rooms: UserState["rooms"], stateSeq: number, log: MemoryEventLog, maxMissed?: number) {
  const index = new MemberIndex();
  const user = { nick: "ann", owner: "o", account: undefined, modes: "", rooms } as unknown as UserState;
  const presented = {
    front: "a",
    session: 1,
    id: 1,
    endReason: undefined,
    state: new Uint8Array(),
    stateSeq,
    deliveredSeq: stateSeq,
    answered: 0,
    lines: [],
  };
  const session = { presented, state: { phase: user } as SessionState, user };
  const ann = new UserModel(ANN, index, session);
  const walk = new LogWalk([ann], index, [session], {
    ...RULES,
    ...maxMissed !== undefined && { maxMissed },
  });
  walk.run(log);
  return { ann, walk };
}

const join = (source: string, channel = "#tea") => ({ kind: "join", source, channel, realname: "" }) as const;

pureTest(
  "log walk: a state has the effect of the records before it, and gets that of the records after it",
  () => {
    const log = logOf(
      join(ANN),
      { kind: "part", source: ANN, channel: "#tea", reason: "" },
      join(ANN, "#coffee"),
      { kind: "rename", source: ANN, channel: "#coffee", to: "#cocoa", reason: "" },
      { kind: "mode", source: "x!x@x", channel: "#cocoa", change: "+v-o", args: "ann ann" },
      { kind: "nick", source: ANN, nick: "anna" },
    );
    const { ann } = walkOf([["#tea", 0]], 3, log);
    assertEquals([...ann.rooms.keys()].sort(), ["#cocoa", "#tea"]);
    assertEquals([ann.rooms.get("#cocoa")!.bits, ann.nick, ann.source], [2, "anna", "anna!a@h"]);
    assertEquals(walkOf([["#tea", 0]], 7, log).ann.isChanged, false);
  },
);

pureTest("log walk: members that no front presents are those of the log, until the server started", () => {
  const log = logOf(
    join("old!o@h"),
    { kind: "boot", version: "0" },
    join(ANN),
    join("ben!b@h"),
    join("cat!c@h"),
    { kind: "quit", source: "cat!c@h", reason: "" },
    { kind: "nick", source: "ben!b@h", nick: "benno" },
  );
  const { walk } = walkOf([["#tea", 1]], 8, log);
  assertEquals(walk.unpresented.map(({ source, rooms }) => [source, [...rooms.keys()]]), [["benno!b@h", [
    "#tea",
  ]]]);
});

pureTest("log walk: of missed records the newest are kept", () => {
  const topics = ["1", "2", "3", "4"].map((topic) =>
    ({ kind: "topic", source: ANN, channel: "#tea", topic }) as const
  );
  const { walk } = walkOf([["#tea", 1]], 2, logOf(...topics), 2);
  assertEquals(walk.missed.map(({ seq, receivers }) => [seq, receivers.length]), [[3, 1], [4, 1]]);
});

pureTest("log walk: members of a room are counted by name, and no further than a large room", () => {
  const index = new MemberIndex();
  const model = (nick: string, stateSeq = 0) => {
    const user = new UserModel(`${nick}!u@h`, index);
    return Object.assign(user, { stateSeq });
  };
  const logged = new Set([model("ann"), model("ben")]);
  let looks = 0;
  const presented = new Set([model("BEN"), model("cat"), model("late", 9), model("dan"), model("eve")]);
  const counted = new Proxy(presented, {
    get: (set, key) => {
      if (key !== Symbol.iterator) return Reflect.get(set, key);
      return function* () {
        for (const user of set) yield (looks++, user);
      };
    },
  });
  const count = (most: number) => [countMembers(logged, counted, 5, most), looks];
  assertEquals(count(2), [2, 0]);
  assertEquals(count(3), [3, 3]);
  assertEquals(count(10), [5, 8]);
});
