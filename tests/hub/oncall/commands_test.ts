/** ONCALL and PAGE: permissions, the code of each refusal, and the bounds. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { FactBuffer } from "../../../lib/hub/log/facts.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import {
  DutyCalendars,
  MAX_CALENDAR_UPLOADS,
  MAX_CALENDARS,
} from "../../../lib/hub/services/oncall/duty_calendars.ts";
import { EscalationLists, MAX_ESCALATION_LISTS } from "../../../lib/hub/services/oncall/escalation_lists.ts";
import { NotifyUrls } from "../../../lib/hub/services/oncall/notify_urls.ts";
import {
  MAX_ENDED_PAGES,
  MAX_PAGE_PEOPLE,
  MAX_PAGES,
  MAX_PAGES_PER_HOUR,
  MAX_PAGES_PER_OWNER,
  MAX_PAGES_PER_SITE,
  PAGE_RETENTION_MS,
  Pages,
} from "../../../lib/hub/services/oncall/pages.ts";
import { MAX_LISTED_PAGES } from "../../../lib/hub/verbs/oncall/page.ts";
import {
  CALENDAR_CHUNK_LENGTH,
  DEFAULT_STEP_SECONDS,
  formatEscalation,
  MAX_CALENDAR_BYTES,
  MAX_ESCALATION_BYTES,
  MAX_ESCALATION_STEPS,
  MAX_NOTIFY_URL_BYTES,
  MAX_ONCALL_NAME_LENGTH,
  MAX_PAGE_BYTES,
  MAX_PAGE_ID_LENGTH,
  MAX_SILENCE_REASON_BYTES,
  MAX_SILENCE_SECONDS,
  MAX_STEP_ACCOUNTS,
  MAX_STEP_SECONDS,
  MIN_STEP_SECONDS,
  parseEscalation,
} from "../../../lib/irc/oncall.ts";
import type { Page } from "../../../lib/hub/services/oncall/page.ts";
import { START, TestHub } from "../../support/hub.ts";
import { account, login, makeOperator } from "../../support/hub_accounts.ts";
import {
  asks,
  calendarOf,
  codes,
  makeList,
  ONCALL_CAPS,
  puts,
  saveCalendar,
  told,
  wait,
} from "../../support/hub_oncall.ts";
import { logInByToken, makeToken } from "../../support/hub_tokens.ts";
import { pureTest } from "../../support/test.ts";

const WITH_CAPS = { caps: ONCALL_CAPS };
const STRANGER = "203.0.113.7";

pureTest("escalation list: the form of its steps", () => {
  const parsed = parseEscalation(["alice,bob", "300", "@primary"]);
  assertEquals(formatEscalation(typeof parsed === "string" ? [] : parsed), [
    "alice,bob",
    "300",
    "@primary",
    String(DEFAULT_STEP_SECONDS),
  ]);
  const steps = (count: number) => Array.from({ length: count }, () => ["alice", "60"]).flat();
  const accounts = (count: number) => Array.from({ length: count }, (_, nth) => `a${nth}`).join(",");
  assertEquals(parseEscalation(steps(MAX_ESCALATION_STEPS)).length, MAX_ESCALATION_STEPS);
  assert(typeof parseEscalation([accounts(MAX_STEP_ACCOUNTS), "60"]) !== "string", "as many as may be");
  for (
    const [words, why] of [
      [[], "there are 0 steps; a list has 1 to 10"],
      [steps(MAX_ESCALATION_STEPS + 1), "there are 11 steps; a list has 1 to 10"],
      [["alice", "5m"], "step 1: 5m is not a time of 30 to 86400 seconds"],
      [["alice", String(MIN_STEP_SECONDS - 1)], "step 1: 29 is not a time of 30 to 86400 seconds"],
      [["a", "60", "b", String(MAX_STEP_SECONDS + 1)], "step 2: 86401 is not a time of 30 to 86400 seconds"],
      [["alice,,bob", "60"], "step 1: a name is empty"],
      [["@", "60"], "step 1: @ is not the name of a calendar"],
      [[accounts(MAX_STEP_ACCOUNTS + 1), "60"], "step 1: more than 10 accounts"],
    ] as const
  ) assertEquals(parseEscalation(words), why);
});

pureTest("oncall: the lines that are refused, each with its code", async () => {
  const chat = new TestHub();
  const root = await makeList(chat, "ops", "root 60");
  const ann = login(chat, "ann", undefined, WITH_CAPS);
  const guest = chat.enter("guest", ...ONCALL_CAPS);
  const plain = login(chat, "plain");
  const table: readonly (readonly [Session, string, string])[] = [
    [plain, "ONCALL LISTS", "NEED_CAPABILITY"],
    [plain, "PAGE LIST", "NEED_CAPABILITY"],
    [ann, "ONCALL WHAT", "SUBCOMMAND_INVALID"],
    [ann, "ONCALL CALENDAR WHAT x", "SUBCOMMAND_INVALID"],
    [ann, "PAGE WHAT", "SUBCOMMAND_INVALID"],
    [ann, "PAGE LIST SOME", "SUBCOMMAND_INVALID"],
    [guest, "ONCALL LISTS", "ACCOUNT_REQUIRED"],
    [guest, "ONCALL CALENDAR LIST", "ACCOUNT_REQUIRED"],
    [guest, "ONCALL CALENDAR PUT x eA==", "ACCOUNT_REQUIRED"],
    [guest, "ONCALL NOTIFY", "ACCOUNT_REQUIRED"],
    [guest, "ONCALL TEST", "ACCOUNT_REQUIRED"],
    [guest, "PAGE OPEN p ops :x", "ACCOUNT_REQUIRED"],
    [ann, "ONCALL SET ops ann 60", "NOT_PERMITTED"],
    [ann, "ONCALL DELETE ops", "NOT_PERMITTED"],
    [ann, "ONCALL SILENCE ops 60 :x", "NOT_PERMITTED"],
    [ann, "ONCALL CALENDAR PUT ops eA==", "NOT_PERMITTED"],
    [ann, "ONCALL CALENDAR SAVE ops", "NOT_PERMITTED"],
    [ann, "ONCALL CALENDAR DELETE ops", "NOT_PERMITTED"],
    [root, "ONCALL SET a/b root 60", "INVALID_NAME"],
    [root, `ONCALL SET ${"x".repeat(MAX_ONCALL_NAME_LENGTH + 1)} root 60`, "INVALID_NAME"],
    [root, "ONCALL SET web root 29", "INVALID_STEP"],
    [root, "ONCALL SET web zed 60", "INVALID_STEP"],
    [root, "ONCALL SET web @primary 60", "NO_SUCH_CALENDAR"],
    [root, "ONCALL DELETE web", "NO_SUCH_LIST"],
    [root, "ONCALL SILENCE web 60 :x", "NO_SUCH_LIST"],
    [root, `ONCALL SILENCE ops ${MAX_SILENCE_SECONDS + 1} :x`, "INVALID_DURATION"],
    [root, "ONCALL SILENCE ops soon :x", "INVALID_DURATION"],
    [root, `ONCALL SILENCE ops 60 :${"x".repeat(MAX_SILENCE_REASON_BYTES + 1)}`, "INVALID_TEXT"],
    [root, "ONCALL CALENDAR DELETE web", "NO_SUCH_CALENDAR"],
    [root, "ONCALL CALENDAR PUT web !", "INVALID_CALENDAR"],
    [root, `ONCALL CALENDAR PUT web ${"x".repeat(CALENDAR_CHUNK_LENGTH + 1)}`, "INVALID_CALENDAR"],
    [root, "ONCALL CALENDAR SAVE web", "INVALID_CALENDAR"],
    [ann, "ONCALL NOTIFY gopher://x", "INVALID_URL"],
    [ann, `ONCALL NOTIFY https://x.example/${"x".repeat(MAX_NOTIFY_URL_BYTES)}`, "INVALID_URL"],
    [ann, "ONCALL TEST", "NOT_DELIVERED"],
    [ann, "PAGE OPEN p web :x", "NO_SUCH_LIST"],
    [ann, `PAGE OPEN ${"p".repeat(MAX_PAGE_ID_LENGTH + 1)} ops :x`, "INVALID_ID"],
    [ann, "PAGE OPEN p ops : ", "INVALID_TEXT"],
    [ann, `PAGE OPEN p ops :${"x".repeat(MAX_PAGE_BYTES + 1)}`, "INVALID_TEXT"],
    [ann, "PAGE WITHDRAW p", "NO_SUCH_PAGE"],
    [ann, "PAGE ACK 1", "NO_SUCH_PAGE"],
    [ann, "PAGE ACK *", "NO_SUCH_PAGE"],
  ];
  for (const [session, line, code] of table) {
    assertEquals(codes(await asks(chat, session, line)), [code], line);
  }
  assertEquals(chat.hub.services.pages.openCount, 0);
  assertEquals([...chat.hub.services.escalationLists.all].map(({ name }) => name), ["ops"]);
  const most = "x".repeat(MAX_PAGE_BYTES);
  const id = "p".repeat(MAX_PAGE_ID_LENGTH);
  assertEquals(codes(await asks(chat, ann, `PAGE OPEN ${id} ops :${most}`)), []);
  assertEquals(codes(await asks(chat, ann, "PAGE ACK 1")), ["NOT_PERMITTED"], "ann is in no step");
  chat.say(ann, "PAGE OPEN p2 ops :y");
  assertEquals(codes(await asks(chat, root, "PAGE ACK *")), ["AMBIGUOUS"]);
  for (const line of [...chat.heard(root), ...chat.heard(ann)]) assert(line.length <= 510, line);
});

pureTest("oncall: owners of the room of its name may change a list, and calendars in it", async () => {
  const chat = new TestHub();
  const ann = login(chat, "ann", undefined, WITH_CAPS);
  const ben = login(chat, "ben", undefined, WITH_CAPS);
  chat.say(ann, "JOIN #ops");
  chat.say(ben, "JOIN #ops", "JOIN #primary");
  const set = "ONCALL SET Ops ann 60 ben 90";
  assertEquals(told(await asks(chat, ann, set), "", "ONCALL"), ["SET Ops ann 60 ben 90"]);
  assertEquals(codes(await asks(chat, ben, set)), ["NOT_PERMITTED"]);
  const saved = await asks(chat, ben, ...puts("primary", calendarOf("ben")), "ONCALL CALENDAR SAVE primary");
  assertMatch(told(saved, "", "ONCALL").join(), /^CALENDAR SAVE primary 1 :[^;]*$/);
  assertEquals(codes(await asks(chat, ann, "ONCALL CALENDAR DELETE primary")), ["NOT_PERMITTED"]);
  await asks(chat, ann, "ONCALL SET ops @PRIMARY 60 ann 90");
  const lines = told(await asks(chat, ann, "ONCALL LISTS", "ONCALL CALENDAR LIST"), "", "ONCALL");
  assertEquals(lines.map((line) => line.replace(/ 2026\S+/g, " T")), [
    "LIST ops @primary 60 ann 90",
    "DUTY ops 1 ben T",
    "DUTY ops 2 ann *",
    "LISTS *",
    "CALENDAR ITEM primary ben T ben T",
    "CALENDAR LIST *",
  ]);
  const put = [...puts("primary", calendarOf("ann,ghost")), "ONCALL CALENDAR SAVE primary"];
  const replaced = (await asks(chat, ann, ...put)).join();
  assertMatch(replaced, /CALENDAR SAVE primary/, "its list has the calendar");
  assertMatch(replaced, /; not registered, and not rung: ghost(,|$)/);
  chat.say(ben, "PAGE OPEN p1 ops :db down");
  assertEquals(told(chat.heard(ben), "RUNG").map((words) => words.split(" ").slice(2, 5).join(" ")), [
    "1 ann session",
    "1 ghost unreachable",
  ]);
  assertEquals(codes(await asks(chat, ann, ...puts("primary", "nonsense"), "ONCALL CALENDAR SAVE primary")), [
    "INVALID_CALENDAR",
  ]);
  assertEquals(told(await asks(chat, ann, "ONCALL CALENDAR DELETE primary"), "", "ONCALL"), [
    "CALENDAR DELETE primary",
  ]);
  chat.say(ben, "PAGE OPEN p2 ops :again");
  assertEquals(told(chat.heard(ben), "RUNG").map((words) => words.split(" ").slice(2, 5).join(" ")), [
    "1 @primary unreachable",
    "2 ann session",
  ]);
});

pureTest(
  "oncall: a list and its pages name an account that ends, and do not ring a later one of its name",
  async () => {
    const chat = new TestHub();
    const ann = login(chat, "ann", undefined, WITH_CAPS);
    const root = await makeList(chat, "ops", "ann,root 60");
    chat.hub.services.notifyUrls.set("owner-ann", "https://x.example/a");
    chat.say(root, "PAGE OPEN p1 ops :db down");
    chat.hub.close(ann, "gone", chat.now);
    chat.hub.services.accounts.remove(chat.hub.services.accounts.get("ann")!);
    chat.hub.services.notifyUrls.prune(() => false);
    account(chat, "ann", "owner-other");
    const other = login(chat, "ann", undefined, WITH_CAPS);
    chat.heard(root);
    wait(chat, 120_000);
    assertEquals(told(chat.heard(other)), []);
    assertMatch(told(chat.heard(root), "RUNG").join(), /^RUNG p1 1 ann unreachable :ann is no account$/);
    assertEquals(codes(await asks(chat, other, "PAGE ACK 1")), ["NOT_PERMITTED"]);
    assertEquals(told(await asks(chat, root, "ONCALL LISTS"), "", "ONCALL"), [
      "LIST ops ann,root 60",
      "DUTY ops 1 root *",
      "LISTS *",
    ]);
  },
);

pureTest("oncall: a notify URL is its account's alone, and the outcome of a test is told", async () => {
  const chat = new TestHub();
  const [ann, ben] = ["ann", "ben"].map((name) => login(chat, name, undefined, WITH_CAPS)) as [
    Session,
    Session,
  ];
  const url = `https://x.example/${"x".repeat(MAX_NOTIFY_URL_BYTES - 18)}`;
  assertEquals(told(await asks(chat, ann, `ONCALL NOTIFY ${url}`), "", "ONCALL"), [`NOTIFY ${url}`]);
  assertEquals(told(await asks(chat, ann, "ONCALL NOTIFY"), "", "ONCALL"), [`NOTIFY ${url}`]);
  assertEquals(told(await asks(chat, ben, "ONCALL NOTIFY"), "", "ONCALL"), ["NOTIFY *"]);
  for (const trouble of [undefined, "refused\r\nPRIVMSG"]) {
    chat.say(ann, "@label=t ONCALL TEST");
    const [order] = chat.notifications.splice(0);
    assertEquals([order!.url, order!.notification.state], [url, "test"]);
    order!.done(trouble);
    chat.deliver();
    assertMatch(
      chat.heard(ann).join("|"),
      trouble === undefined
        ? /^@label=t :irc.test ONCALL TEST \*$/
        : /^@label=t :irc.test FAIL ONCALL NOT_DELIVERED \* :Not delivered: refused PRIVMSG$/,
    );
  }
  assertEquals(told(await asks(chat, ann, "ONCALL NOTIFY *"), "", "ONCALL"), ["NOTIFY *"]);
  assertEquals(codes(await asks(chat, ann, "ONCALL TEST")), ["NOT_DELIVERED"]);
});

pureTest(
  "page: a list shows what one has opened or may acknowledge, operators all, and what rings",
  async () => {
    const chat = new TestHub();
    account(chat, "ann"), account(chat, "ben");
    const root = await makeList(chat, "ops", "ann 60");
    await asks(chat, root, "ONCALL SET web ben 60");
    const [ann, ben, ci] = ["ann", "ben", "ci"].map((name) => login(chat, name, undefined, WITH_CAPS));
    chat.say(ci!, "PAGE OPEN p1 ops :db down", "PAGE OPEN p2 web :slow", "PAGE OPEN p3 web :slower");
    chat.say(ben!, "PAGE ACK 3");
    const shown = async (session: Session, what = "") =>
      told(await asks(chat, session, `PAGE LIST ${what}`)).flatMap((words) =>
        /^(ITEM|LIST) /.test(words) ? words.split(" ").slice(0, 4).join(" ") : []
      );
    assertEquals(await shown(ann!), ["ITEM 1 ops ringing", "LIST *"]);
    assertEquals(await shown(ben!, "RINGING"), ["ITEM 2 web ringing", "LIST *"]);
    assertEquals(await shown(ben!, "ALL"), ["ITEM 2 web ringing", "ITEM 3 web acknowledged", "LIST *"]);
    assertEquals((await shown(ci!)).length, 3);
    assertEquals((await shown(root, "ALL")).length, 4);
    assertEquals(await shown(root, "RINGING"), ["LIST *"]);
  },
);

pureTest("page: an owner, an address and the server have so many that are open", async () => {
  const chat = new TestHub();
  const root = await makeList(chat, "ops", "root 86400");
  const open = async (session: Session, count: number) => {
    for (let nth = 0; nth < count; nth++) {
      const lines = await asks(chat, session, `PAGE OPEN p${nth} ops :x`);
      if (codes(lines).length > 0) return `${nth} ${codes(lines).join()}`;
    }
    return String(count);
  };
  assertEquals(await open(login(chat, "ann", undefined, WITH_CAPS), 30), `${MAX_PAGES_PER_OWNER} TOO_MANY`);
  const others = ["ben", "cat", "dan"].map((name) =>
    login(chat, name, undefined, { ...WITH_CAPS, host: STRANGER })
  );
  assertEquals(await open(others[0]!, 20), "20");
  assertEquals(await open(others[1]!, 20), "20");
  assertEquals(await open(others[2]!, 20), `${MAX_PAGES_PER_SITE - 40} TOO_MANY`);
  const [sample] = chat.hub.services.pages.open();
  while (chat.hub.services.pages.openCount < MAX_PAGES) {
    const { nextNumber: number } = chat.hub.services.pages;
    chat.hub.services.pages.add({ ...sample!, number, owner: `o${number}`, site: `${number}` }, 0);
  }
  assertEquals(await open(root, 1), "0 TOO_MANY");
});

pureTest("page: an owner opens so many within an hour, and one turn rings for so many", async () => {
  const chat = new TestHub();
  const root = await makeList(chat, "ops", "root 60");
  const { pages } = chat.hub.services;
  for (let nth = 1; nth <= MAX_PAGES_PER_HOUR; nth++) {
    chat.say(root, `PAGE OPEN p${nth} ops :x`, `PAGE WITHDRAW p${nth}`);
  }
  assertEquals(codes(await asks(chat, root, "PAGE OPEN q ops :x")), ["TOO_MANY"]);
  chat.now += 3_600_000;
  for (let nth = 0; nth < 60; nth++) {
    const number = pages.nextNumber;
    pages.add({ ...PAGE, number, openedAt: chat.now, ringingSince: 0, begun: 0, stepAt: chat.now }, 0);
    pages.noteSaved(number);
  }
  const begun = () => pages.open().filter((page) => page.begun > 0).toArray().length;
  const counts = Array.from({ length: 7 }, () => {
    chat.hub.runDue(chat.now);
    return begun();
  });
  assertEquals(counts, [10, 20, 30, 40, 50, 60, 60]);
  assertEquals(codes(await asks(chat, root, "PAGE OPEN q ops :x")), []);
});

const PAGE: Page = {
  number: 1,
  id: "p",
  owner: "o",
  source: "ci!ci@host",
  site: "",
  list: "ops",
  steps: [{ kind: "accounts", accounts: [{ name: "ann", owner: "owner-ann" }], seconds: 60 }],
  text: "x",
  openedAt: START,
  ringingSince: START,
  begun: 1,
  stepAt: START,
  people: [],
  end: undefined,
};

pureTest("page: ended ones are kept for 30 days, the newest of them, and no number is given twice", () => {
  const facts = new FactBuffer();
  const pages = new Pages(facts);
  const end = (owner: string) => {
    const page = { ...PAGE, number: pages.nextNumber, owner };
    pages.add(page, 0);
    const ended = pages.end(page, { how: "expired", nick: "", account: "", owner: "", at: START }, 0);
    pages.markTold(ended, 0);
  };
  end("rare");
  for (let nth = 0; nth < MAX_ENDED_PAGES + 5; nth++) end("often");
  const last = MAX_ENDED_PAGES + 6;
  pages.expire(START);
  assertEquals(pages.all.toArray().length, MAX_ENDED_PAGES);
  const numbers = [1, 2, 7, 8, last].filter((number) => pages.get(number) !== undefined);
  assertEquals(numbers, [1, 8, last], "the oldest of the owner with the most are dropped");
  pages.expire(START + PAGE_RETENTION_MS - 1);
  assertEquals(pages.all.toArray().length, MAX_ENDED_PAGES);
  pages.expire(START + PAGE_RETENTION_MS);
  assertEquals(pages.all.map(({ number }) => number).toArray(), [last]);
  const next = new Pages(new FactBuffer());
  for (const { key, value } of facts.take()) if (value !== undefined) next.restore(key, JSON.parse(value));
  assertEquals(next.nextNumber, last + 1);
});

pureTest("page: a list of them has at most 100, the newest, and rings at most 100 people", async () => {
  const chat = new TestHub();
  const root = await makeList(chat, "ops", "root 60");
  const { pages, dutyCalendars } = chat.hub.services;
  for (let number = 1; number <= MAX_LISTED_PAGES + 20; number++) pages.add({ ...PAGE, number }, 0);
  const listed = told(await asks(chat, root, "PAGE LIST"), "ITEM").map((words) =>
    Number(words.split(" ")[1])
  );
  assertEquals([listed.length, listed[0], listed.at(-1)], [MAX_LISTED_PAGES, 21, MAX_LISTED_PAGES + 20]);
  const groups = Array.from({ length: MAX_PAGE_PEOPLE / 10 + 1 }, (_, nth) => {
    const names = Array.from({ length: 10 }, (_, index) => `n${10 * nth + index}`).join("\\,");
    return /BEGIN:VEVENT.*END:VEVENT/s.exec(calendarOf(names))![0];
  });
  saveCalendar(
    dutyCalendars,
    "all",
    calendarOf("n0").replace("END:VEVENT", `END:VEVENT\n${groups.join("\n")}`),
  );
  await asks(chat, root, "ONCALL SET all @all 60", "PAGE OPEN q all :x");
  assertEquals(pages.find(root.user!.owner, "q")!.people.length, MAX_PAGE_PEOPLE);
});

pureTest("oncall: so many lists, bytes of a list, calendars, bytes of a calendar and uploads", async () => {
  const chat = new TestHub();
  const names = Array.from({ length: 20 }, (_, nth) => `person${nth}`.padEnd(20, "x"));
  for (const name of names) account(chat, name);
  const root = await makeList(chat, "ops", "root 60");
  const long = `${names.slice(0, 10).join(",")} 60 ${names.slice(10, 18).join(",")} 60`;
  assert(
    long.length > MAX_ESCALATION_BYTES - 30 && `x ${long}`.length <= MAX_ESCALATION_BYTES,
    `${long.length}`,
  );
  assertEquals(codes(await asks(chat, root, `ONCALL SET x ${long}`)), []);
  assertEquals(codes(await asks(chat, root, `ONCALL SET ${"x".repeat(30)} ${long}`)), ["INVALID_STEP"]);
  const { escalationLists, dutyCalendars } = chat.hub.services;
  for (let nth = 2; nth < MAX_ESCALATION_LISTS; nth++) escalationLists.set(`l${nth}`, PAGE.steps, 0);
  assertEquals(codes(await asks(chat, root, "ONCALL SET more root 60")), ["TOO_MANY"]);
  assertEquals(codes(await asks(chat, root, "ONCALL SET OPS root 60")), [], "it replaces one");
  for (let nth = 0; nth < MAX_CALENDARS; nth++) saveCalendar(dutyCalendars, `c${nth}`, calendarOf("root"));
  const put = [...puts("more", calendarOf("root")), "ONCALL CALENDAR SAVE more"];
  assertEquals(codes(await asks(chat, root, ...put)), ["TOO_MANY"]);
  const tooLong = puts("c1", "x".repeat(MAX_CALENDAR_BYTES + 4));
  const refused = codes(await asks(chat, root, ...tooLong, "ONCALL CALENDAR SAVE c1"));
  assertEquals(refused, ["INVALID_CALENDAR", "INVALID_CALENDAR"], "at the last part, and at the end");
  const uploads = new DutyCalendars(new FactBuffer());
  const sessions = Array.from({ length: MAX_CALENDAR_UPLOADS + 1 }, () => chat.open());
  const outcomes = sessions.map((session) => uploads.addChunk(session, "a", "eA==", START));
  assertEquals(outcomes.filter((outcome) => outcome === undefined).length, MAX_CALENDAR_UPLOADS);
  assertEquals(outcomes.at(-1), "full");
  assertEquals(
    uploads.addChunk(sessions.at(-1)!, "a", "eA==", START + 60_000),
    undefined,
    "the others are idle",
  );
});

pureTest("oncall: a saved value that is none is refused", () => {
  const facts = new FactBuffer();
  const table: readonly (readonly [string, () => void])[] = [
    [
      "a list of another name",
      () => new EscalationLists(facts).restore("web", { name: "ops", steps: PAGE.steps }),
    ],
    ["no steps", () => new EscalationLists(facts).restore("ops", { name: "ops", steps: [] })],
    ["an endless step", () => {
      const steps = [{ ...PAGE.steps[0], seconds: 0 }];
      new EscalationLists(facts).restore("ops", { name: "ops", steps });
    }],
    ["a URL of another kind", () => new NotifyUrls(facts).restore("o", { url: "file:///etc/passwd" })],
    ["a calendar of no base64", () => {
      const saved = { name: "c", owner: "", uploader: "", savedAt: 0, text: "!" };
      new DutyCalendars(facts).restore("c", saved);
    }],
    ["a page of no number", () => new Pages(facts).restore("x", PAGE)],
    ["a page without people", () => new Pages(facts).restore("1", { ...PAGE, people: undefined })],
    ["an end of no kind", () => new Pages(facts).restore("1", { ...PAGE, end: { how: "lost" } })],
  ];
  for (const [name, restore] of table) assertThrows(restore, Error, undefined, name);
});

pureTest(
  "oncall: a session that was logged in with a token can use neither command, nor OnCall",
  async () => {
    const chat = new TestHub();
    const root = await makeList(chat, "ops", "root 60");
    makeOperator(chat, "root");
    const { secret } = await makeToken(chat, root, "* send:*");
    const session = logInByToken(chat, secret);
    chat.say(session, "NICK root", "USER root 0 * :root");
    for (const line of ["ONCALL LISTS", "PAGE LIST", "PRIVMSG OnCall :ack"]) {
      assertEquals(codes(await asks(chat, session, line)), ["TOKEN_LOGIN"], line);
    }
  },
);
