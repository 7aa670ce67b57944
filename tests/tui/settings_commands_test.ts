import { assertEquals } from "@std/assert";
import {
  CHAT_SETTING_NAMES,
  CHAT_SETTINGS,
  ChatSettings,
} from "../../lib/client/conversation/model/chat_settings.ts";
import { ScriptedChat } from "../support/chat/scripted_chat.ts";
import { pureTest } from "../support/test.ts";

pureTest("/set lists the settings within 80 columns, shows one, and changes one; it is kept", () => {
  const alice = new ScriptedChat();
  const listed = alice.type("/set").takeShown();
  assertEquals(listed.map((line) => line.split(" ")[1]!), [...CHAT_SETTING_NAMES]);
  assertEquals(listed.filter((line) => line.length + "12:34 ".length > 80), []);
  const presence = "--- presence is folded (folded|all|off): who comes and leaves";
  assertEquals(alice.type("/set presence").takeShown(), [presence]);
  assertEquals(alice.type("/set Presence OFF").takeShown(), ["--- presence is off now"]);
  assertEquals(alice.type("/set presence").takeShown(), [presence.replace("folded", "off")]);
  assertEquals(alice.effects.filter(({ kind }) => kind === "settings"), [
    { kind: "settings", name: "presence", chosen: { presence: "off" } },
  ]);
});

pureTest("/set refuses a name or value that there is not, says what there is, and keeps what was", () => {
  const alice = new ScriptedChat();
  assertEquals(alice.type("/set presense off").type("/set xyzzy").type("/set presence loud").takeShown(), [
    "!!! there is no setting presense; did you mean presence?",
    "!!! there is no setting xyzzy; /set lists them",
    "!!! presence cannot be loud: /set presence folded|all|off",
  ]);
  assertEquals(alice.effects.filter(({ kind }) => kind === "settings"), []);
});

pureTest("/set takes numbers within their bounds, or the word beside them", () => {
  const settings = new ChatSettings();
  const tries = ["60", "400", "full", "FULL", "59", "401", "1e2", "-60", "6 0", "", "all"];
  assertEquals(tries.map((text) => CHAT_SETTINGS.width.parse(text)), [
    ...["60", "400", "full", "full"],
    ...Array(7).fill(undefined),
  ]);
  assertEquals([settings.choose("align", "12"), settings.get("align")], [true, "12"]);
  assertEquals([settings.choose("align", "3"), settings.get("align")], [false, "12"]);
});

/** A line of bob, at a time that is not read yet. */
const AT = "@time=2026-11-30T12:00:00.000Z :bob!b@h";

pureTest("/set highlight: the words mark messages and count as mentions; they are bounded", () => {
  const alice = new ScriptedChat();
  const mentionsOfDev = () => alice.chat.views.list().find(({ name }) => name === "#dev")?.mentionCount;
  alice.type("/set highlight Deploy, ops ,").receive(":alice!a@h JOIN #dev").takeShown();
  alice.receive(":bob!b@h PRIVMSG #lobby :the DEPLOY is on").receive(`${AT} PRIVMSG #dev :ops!`);
  alice.receive(`${AT} PRIVMSG #dev :deployed`);
  assertEquals(alice.takeShown(), [
    ">>> <bob> the DEPLOY is on",
    ">>> #dev <bob> ops!",
    "#dev <bob> deployed",
  ]);
  assertEquals(mentionsOfDev(), 1);
  alice.type("/set highlight off").receive(`${AT} PRIVMSG #dev :ops!`);
  assertEquals(mentionsOfDev(), 1);
  const words = (count: number) => Array.from({ length: count }, (_, n) => `word${n}`).join(",");
  const settings = new ChatSettings();
  assertEquals([settings.choose("highlight", words(20)), settings.highlights.length], [true, 20]);
  for (const refused of [words(21), "x".repeat(51), ",", "a\x1bb", "a\u200bb"]) {
    assertEquals(settings.choose("highlight", refused), false, refused);
  }
});

pureTest("settings: the names are sorted, and each initial value is one", () => {
  assertEquals([...CHAT_SETTING_NAMES], CHAT_SETTING_NAMES.toSorted());
  const settings = new ChatSettings();
  for (const name of CHAT_SETTING_NAMES) {
    const { initial, parse } = CHAT_SETTINGS[name];
    assertEquals([parse(initial), settings.get(name)], [initial, initial], name);
  }
  assertEquals(settings.chosen, {});
});
