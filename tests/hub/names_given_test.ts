import { assertEquals } from "@std/assert";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const RESERVED = [
  "NickServ",
  "ChanServ",
  "HistServ",
  "Global",
  "MemoServ",
  "OperServ",
  "SaslServ",
  "localhost",
  "admin",
];
const MARKS = ["\u0301", "\u0307", "\u0323", "\u0338", "\u034f", "\u200d", "\u00ad", "\ufe0f"];

/** `name` in another guise: letter by letter in other case, full width, with a mark, with something that has no ink. */
function disguised(random: Random, name: string): string {
  return Array.from(name, (letter) => {
    switch (random.below(8)) {
      case 0:
        return letter.toUpperCase();
      case 1:
        return letter.toLowerCase();
      case 2:
        return String.fromCodePoint(letter.codePointAt(0)! + 0xfee0); // full width
      case 3:
        return (letter + random.pick(MARKS)).normalize("NFC");
      case 4:
        return letter === "i" ? "\u0131" : letter === "s" ? "\u017f" : letter;
      default:
        return letter;
    }
  }).join("");
}

pureTest(
  "property: no nick is given that folds to a reserved name, with or without its marks",
  () =>
    forAll(300, (random) => {
      const chat = new TestHub();
      const nick = disguised(random, random.pick(RESERVED));
      const session = chat.open();
      chat.say(session, `NICK ${nick}`, "USER x 0 * :x");
      const other = chat.enter("someone");
      chat.say(other, `NICK ${nick}`);
      const [alice, bare] = [casefold(nick), casefold(nick).normalize("NFD").replace(/\p{M}/gu, "")];
      for (const { user } of [session, other]) {
        const given = user === undefined ? "" : user.folded;
        assertEquals([alice, bare].includes(given), false, `${nick} is given`);
      }
      assertEquals(chat.heard(session).some((line) => / 43[23] /.test(line)), true);
    }),
);

pureTest("an account of before keeps a name of the staff, and none keeps that of a service", async () => {
  const before = new TestHub();
  const maker = before.enter("someone");
  before.say(maker, "PRIVMSG NickServ :REGISTER passphrase99");
  await before.errands();
  const [fact] = before.takeFacts().filter(({ kind }) => kind === "account");
  for (const [name, numeric] of [["admin", "001"], ["ChanServ", "432"]] as const) {
    const value = fact!.value!.replaceAll("someone", name);
    const chat = new TestHub({}, undefined, [{ ...fact!, key: casefold(name), value }]);
    const session = chat.open();
    chat.say(session, "CAP REQ :sasl", `NICK ${name}`, "USER x 0 * :x", "AUTHENTICATE PLAIN");
    const plain = new TextEncoder().encode(`\0${name}\0passphrase99`).toBase64();
    chat.say(session, `AUTHENTICATE ${plain}`);
    await chat.errands();
    chat.say(session, "CAP END");
    const codes = chat.heard(session).map((line) => line.split(" ")[1]);
    assertEquals([name, codes.includes("900"), codes.includes(numeric)], [name, true, true]);
    const stranger = chat.open();
    chat.say(stranger, `NICK ${name}`, "USER x 0 * :x");
    assertEquals(stranger.phase.kind, "registering");
  }
});

pureTest("a name that looks like one that is being registered waits for the outcome", async () => {
  const chat = new TestHub();
  const sessions = ["ace", "асе"].map((nick) => {
    const session = chat.open();
    chat.say(session, "CAP REQ :draft/account-registration", `NICK ${nick}`, "USER x 0 * :x");
    chat.heard(session);
    chat.say(session, "REGISTER * * passphrase99");
    return session;
  });
  await chat.errands();
  const [first, second] = sessions.map((session) => chat.heard(session).join("\n"));
  assertEquals(first!.includes("REGISTER SUCCESS ace"), true, first);
  assertEquals(second!.includes("FAIL REGISTER BAD_ACCOUNT_NAME"), true, second);
});
