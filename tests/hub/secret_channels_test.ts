/**
 * A secret channel (+s) is answered to those outside as one that does not exist, byte for byte, whatever verb asks. Each story is played
 * in two worlds that differ in the name of the channel alone; what is asked for is the name of one of them.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { VERBS } from "../../lib/hub/verbs/mod.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { login } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPS = [
  "batch",
  "message-tags",
  "labeled-response",
  "echo-message",
  "server-time",
  "draft/chathistory",
  "draft/event-playback",
  "draft/read-marker",
  "draft/multiline",
  "draft/message-redaction",
  "draft/channel-rename",
  "draft/metadata-2",
  "chatterbox.chat/receipts",
  "chatterbox.chat/seq",
  "chatterbox.chat/ask",
];

const EVER = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z";
const IDS = Array.from({ length: 40 }, (_, seq) => `${seq.toString(36)}-testlog`);

/** Lines about the channel #hidden, `#` standing for its name as it is asked for; by verb. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  ASK: [
    "ASK OPEN q # 60 first yes,no :here?",
    "ASK OPEN q #,bob 60 all * :here?",
    "ASK LIST",
    "ASK WITHDRAW q",
    "ASK ACK q",
  ],
  AWAIT: IDS.flatMap((id) => [`AWAIT delivered ${id}`, `AWAIT read ${id}`]),
  AWAY: ["AWAY #"],
  BAN: ["BAN #"],
  BANS: ["BANS"],
  BATCH: ["BATCH +x draft/multiline #", "@batch=x PRIVMSG # :one", "@batch=x PRIVMSG # :two", "BATCH -x"],
  CAP: ["CAP LIST"],
  CHATHISTORY: [
    "CHATHISTORY LATEST # * 9",
    `CHATHISTORY BETWEEN # ${EVER} 9`,
    `CHATHISTORY TARGETS ${EVER} 9`,
    ...IDS.flatMap((id) => [`CHATHISTORY AROUND # msgid=${id} 9`, `CHATHISTORY AFTER # msgid=${id} 9`]),
  ],
  FOLLOW: ["FOLLOW #", "FOLLOW *", "FOLLOW #,alice"],
  HISTORY: ["HISTORY #", "HISTORY # 9"],
  HISTSERV: ["HISTSERV #", "HISTSERV HISTORY # 9"],
  HS: ["HS SET # REPLAY 3"],
  INVITE: ["INVITE", "INVITE bob #", "INVITE alice #", "INVITE nemo #"],
  ISON: ["ISON #"],
  ISUPPORT: ["ISUPPORT"],
  KICK: ["KICK # alice", "KICK # bob :out", "KICK #,# alice,bob", "KICK # nemo"],
  KILL: ["KILL #"],
  LIST: ["LIST", "LIST #", "LIST *hid*,#", "LIST >0", "LIST T<99,#"],
  LUSERS: ["LUSERS"],
  MARKREAD: ["MARKREAD #", "MARKREAD # timestamp=2100-01-01T00:00:00.000Z", "MARKREAD #"],
  METADATA: [
    "METADATA # GET topic",
    "METADATA # LIST",
    "METADATA # SET topic :x",
    "METADATA # CLEAR",
    "METADATA # SYNC",
    "METADATA * SUB topic",
  ],
  MODE: ["MODE #", "MODE # b", "MODE # +b", "MODE # +o bob", "MODE # -s", "MODE # +k tea", "MODE # x"],
  MONITOR: ["MONITOR + #,alice", "MONITOR L"],
  NAMES: ["NAMES #", "NAMES", "NAMES #,#lobby"],
  NICK: ["NICK #"],
  NOTICE: ["NOTICE # :psst", "NOTICE @# :psst", "NOTICE #,bob :psst"],
  PART: ["PART #", "PART # :bye", "PART #lobby,#"],
  PRIVMSG: [
    "PRIVMSG # :psst",
    "PRIVMSG @# :psst",
    "PRIVMSG +# :psst",
    "PRIVMSG #,bob :psst",
    "@label=1 PRIVMSG # :psst",
    "@chatterbox.chat/id=mine PRIVMSG # :psst",
    "@chatterbox.chat/online PRIVMSG # :psst",
    "@chatterbox.chat/at=1h PRIVMSG # :psst",
    "PRIVMSG #",
    "PRIVMSG HistServ :#",
    "PRIVMSG HistServ :SET # REPLAY 3",
  ],
  REDACT: IDS.map((id) => `REDACT # ${id}`),
  RENAME: ["RENAME # #mine", "RENAME # #", "RENAME #"],
  SEARCH: ["SEARCH text=here", "SEARCH in=#", "SEARCH text=here;in=#,#lobby", "SEARCH text=in:#"],
  SERVERSTATS: ["SERVERSTATS"],
  STATS: ["STATS u"],
  TAGMSG: ["@+x=y TAGMSG #", "@+typing=active TAGMSG #", "@+typing=active TAGMSG @#"],
  TOPIC: ["TOPIC #", "TOPIC # :mine", "TOPIC # :"],
  USERHOST: ["USERHOST alice #"],
  WHO: ["WHO #", "WHO # o", "WHO # %tcnuf,1", "WHO alice", "WHO *", "WHO alice %cn"],
  WHOIS: ["WHOIS alice", "WHOIS #"],
  WHOWAS: ["WHOWAS #"],
};

/** Verbs that name no channel, or that can't but tell that a name is taken: JOIN enters, or says what it takes to enter. */
const NOT_ASKED = new Set(
  ("ADMIN AUTHENTICATE CLAIM CONNECT ERROR HELP HELPOP INBOX INFO JOIN KEYSHARE LINKS MOTD MUTE NICKSERV NODES NS ONCALL OPER OPERSERV OS PAGE PASS " +
    "PASSWD PING PONG QUIT REGISTER SCHEDULED SETNAME SQUIT SUMMON TIME TOKEN UNBAN UNMUTE UNREGISTER USER USERS VERIFY VERSION WALLOPS")
    .split(" "),
);

const OUTSIDERS: Readonly<Record<string, (chat: TestHub) => Session>> = {
  "a user without account": (chat) => chat.enter("eve", ...CAPS),
  "a user with an account": (chat) => login(chat, "eve", undefined, { caps: CAPS }),
  "a client without capabilities": (chat) => chat.enter("eve"),
  "an observer": (chat) => login(chat, "eve", undefined, { caps: [...CAPS, "chatterbox.chat/observer"] }),
  "an observer without account": (chat) => chat.enter("eve", ...CAPS, "chatterbox.chat/observer"),
};

/** What becomes of the channel, `#` standing for its name. */
const STORIES: Readonly<Record<string, readonly string[]>> = {
  "with members": [],
  "that takes an invitation or a key": ["MODE # +ik tea"],
  "that is moderated and takes nothing from outside": ["MODE # +mn"],
  "where the outsider is banned": ["MODE # +bb eve ~a:eve"],
  "that nobody is in": ["PART #"],
  "whose clock runs ahead": Array.from({ length: 3000 }, (_, at) => `PRIVMSG # :${at}`),
};

/** The answers of an outsider, question by question, in the world where the channel is called `name`. */
function answers(name: string, story: readonly string[], outsider: string, asked: string): string[] {
  const chat = new TestHub();
  const bob = chat.enter("bob");
  chat.say(bob, "JOIN #lobby");
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  const lines = [
    "JOIN #",
    "MODE # +s",
    "TOPIC # :the plan",
    "METADATA # SET topic :plan",
    "PRIVMSG # :psst",
    ...story,
  ];
  chat.say(alice, ...lines.map((line) => line.replace("#", name)));
  const eve = OUTSIDERS[outsider]!(chat);
  chat.say(eve, "JOIN #lobby");
  chat.heard(eve);
  return Object.values(QUESTIONS).flat().map((question) => {
    const line = question.replaceAll("#lobby", "\0").replaceAll("#mine", "\x01").replaceAll("#", asked)
      .replaceAll("\0", "#lobby").replaceAll("\x01", "#mine");
    chat.say(eve, line);
    chat.say(alice, "PRIVMSG # :more".replace("#", name));
    chat.heard(alice);
    return [`> ${line}`, ...chat.heard(eve)].join("\n");
  });
}

pureTest("secret rooms: the table asks by every verb", () => {
  const asked = [...Object.keys(QUESTIONS), ...NOT_ASKED].sort();
  assertEquals(asked, [...VERBS.keys()].sort());
});

for (const [story, lines] of Object.entries(STORIES)) {
  pureTest(`secret rooms: one ${story} is to those outside as one that does not exist`, () => {
    for (const outsider of Object.keys(OUTSIDERS)) {
      for (const asked of ["#hidden", "#HIDDEN"]) {
        const [there, absent] = ["#Hidden", "#public"].map((name) => answers(name, lines, outsider, asked));
        assert(there!.length > 200, "there is something to compare");
        there!.forEach((answer, at) => assertEquals(answer, absent![at], `${outsider}, ${story}`));
      }
    }
  });
}
