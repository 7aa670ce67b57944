import { assertEquals, assertThrows } from "@std/assert";
import { openSettings } from "../../commands/join/settings_file.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { tempDirTest } from "../support/test.ts";

const PERMISSIONS = { permissions: { read: true, write: true } };

tempDirTest("what is chosen with /set is kept in settings.json, for oneself alone", PERMISSIONS, (dir) => {
  const io = new FakeIo({ env: { XDG_CONFIG_HOME: dir } });
  const first = openSettings(io);
  assertEquals(first.settings.choose("presence", "off"), true);
  first.keep?.("presence", "off");
  const path = `${dir}/chatterbox/settings.json`;
  assertEquals(JSON.parse(Deno.readTextFileSync(path)), { presence: "off" });
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  assertEquals(openSettings(io).settings.get("presence"), "off");
  assertEquals(io.err, "");
});

tempDirTest(
  "settings: what two processes choose is kept of both, and a file that one cannot read stays",
  PERMISSIONS,
  (dir) => {
    const io = new FakeIo({ env: { XDG_CONFIG_HOME: dir } });
    const [one, other] = [openSettings(io), openSettings(io)];
    one.keep?.("presence", "off");
    other.keep?.("bell", "on");
    one.keep?.("times", "all");
    other.keep?.("presence", "all");
    assertEquals(openSettings(io).settings.chosen, { presence: "all", bell: "on", times: "all" });
    const path = `${dir}/chatterbox/settings.json`;
    Deno.writeTextFileSync(path, "{");
    assertThrows(() => one.keep?.("bell", "off"), Error, "not JSON");
    assertEquals(Deno.readTextFileSync(path), "{");
  },
);

const FAULTS: readonly [content: string, why: string][] = [
  ["{", "not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)"],
  ["[]", "not a JSON object"],
  ['{"presense":"off"}', 'unknown setting "presense"'],
  ['{"presence":"loud"}', 'presence cannot be "loud"'],
  ['{"presence":1}', "presence cannot be 1"],
  [" ".repeat(65_537), "larger than 65536 bytes"],
];

tempDirTest("settings.json that cannot be read is told, and left as it is", PERMISSIONS, async (dir) => {
  Deno.mkdirSync(`${dir}/chatterbox`);
  const path = `${dir}/chatterbox/settings.json`;
  for (const [content, why] of FAULTS) {
    Deno.writeTextFileSync(path, content);
    const io = new FakeIo({ env: { XDG_CONFIG_HOME: dir } });
    const { settings, keep } = openSettings(io);
    await io.stderr.flush();
    assertEquals(io.err, `chatterbox: the settings are not used: ${path}: ${why}\n`);
    assertEquals([settings.chosen, keep], [{}, undefined]);
  }
});
