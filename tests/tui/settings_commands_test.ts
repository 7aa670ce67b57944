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
    { kind: "settings", chosen: { presence: "off" } },
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

pureTest("settings: the names are sorted, and each initial value is one", () => {
  assertEquals([...CHAT_SETTING_NAMES], CHAT_SETTING_NAMES.toSorted());
  const settings = new ChatSettings();
  for (const name of CHAT_SETTING_NAMES) {
    const { initial, parse } = CHAT_SETTINGS[name];
    assertEquals([parse(initial), settings.get(name)], [initial, initial], name);
  }
  assertEquals(settings.chosen, {});
});
