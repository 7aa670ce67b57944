/** Settings that a running server takes over. */
import { assertEquals, assertMatch } from "@std/assert";
import { AddressSet } from "../../lib/base/ip.ts";
import { KeyedBuckets } from "../../lib/base/keyed_buckets.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import { AddressLimits } from "../../lib/server/listen/address_limits.ts";
import { replaceOperators } from "../../lib/server/console/oper_setting.ts";
import { SETTINGS } from "../../lib/server/settings/config_file.ts";
import { DEFAULT_SERVER_LIMITS } from "../../lib/server/settings/limit_flags.ts";
import { compareSettings, FRONT_SETTINGS, LIVE_SETTINGS } from "../../lib/server/settings/live_settings.ts";
import { SettingsReloader, type SettingsUser } from "../../commands/serve/reload.ts";
import { assert } from "../../lib/base/assert.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { resolveServeSettings, type ServeSettings } from "../../lib/server/settings/settings.ts";
import { runServer } from "../support/chat_server.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { codeWords, firstCells, read } from "../docs/pages.ts";
import { TestHub } from "../support/hub.ts";
import { login, makeOperator } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

function flags(...args: string[]) {
  const parsed = parseFlags(SERVE_FLAGS, args);
  if (parsed.kind !== "ok") throw new Error(JSON.stringify(parsed));
  return parsed.flags;
}

function makeReloader(settings: ServeSettings, said: string[] = []): SettingsReloader {
  const log = new ServerLog("text", { now: () => 0 }, (line) => void said.push(line));
  const files = { password: undefined, motd: [] };
  return new SettingsReloader(settings, files, log, { env: () => undefined, clock: log.clock });
}

/** `server`: undefined at a standby. */
function userOf(server: ChatServer | undefined): SettingsUser {
  return { tls: undefined, reloadFronts: undefined, findServer: () => Promise.resolve(server) };
}

pureTest("live settings: what differs is taken over, or waits for a restart", () => {
  assertEquals(LIVE_SETTINGS.filter((name) => !SETTINGS.includes(name)), []);
  assertEquals(FRONT_SETTINGS.filter((name) => !LIVE_SETTINGS.includes(name)), []);
  const before = flags("--oper=a", "--connect-rate=5/1s", "--tls-self-signed", "--max-clients=5");
  const after = flags("--oper=a", "--oper=b", "--connect-rate=5/1s", "--listen=7777", "--max-clients=6");
  assertEquals(compareSettings(before, before), { live: [], waiting: [] });
  assertEquals(compareSettings(before, after), {
    live: ["oper", "max-clients"],
    waiting: ["listen", "tls-self-signed"],
  });
});

pureTest("live settings: another rate begins with full buckets, the same one changes nothing", () => {
  const buckets = new KeyedBuckets({ count: 1, ms: 1000 });
  assertEquals([buckets.take("a", 0), buckets.take("a", 0)], [true, false]);
  buckets.replaceRate({ count: 1, ms: 1000 });
  assertEquals(buckets.take("a", 0), false);
  buckets.replaceRate({ count: 2, ms: 1000 });
  assertEquals([buckets.take("a", 0), buckets.take("a", 0), buckets.take("a", 0)], [true, true, false]);
});

pureTest("live settings: a set of addresses is replaced for all that hold it", () => {
  const set = new AddressSet(["192.0.2.0/24", "localhost"]);
  set.replace(["::1"]);
  assertEquals(["192.0.2.1", "localhost", "::1"].map((host) => set.has(host)), [false, false, true]);
  assertEquals(set.members, ["::1"]);
});

Deno.test("live settings: where notifications may go is replaced for the queue that sends them", () =>
  withTempDir(async (dir) => {
    const config = `${dir}/serve.json`;
    await Deno.writeTextFile(config, '{ "notify-allow": ["192.0.2.1"] }');
    const outcome = await resolveServeSettings(flags("--config", config, "--data-dir", dir), () => undefined);
    assert(outcome.kind === "ok", JSON.stringify(outcome));
    const { notify } = outcome.settings;
    const reloader = makeReloader(outcome.settings);
    const { server, stop } = await runServer();
    const reload = async (text: string) => {
      await Deno.writeTextFile(config, text);
      const { lines } = await reloader.reload(userOf(server));
      return [lines.at(-1), notify.isOn, notify.allowed.members];
    };
    try {
      assertEquals(await reload('{ "notify-allow": ["10.0.0.0/8"] }'), ["changed: notify-allow", true, [
        "10.0.0.0/8",
      ]]);
      assertEquals(await reload('{ "notify": "off" }'), ["changed: notify, notify-allow", false, []]);
      assertEquals(await reload("{}"), ["changed: notify", true, []]);
    } finally {
      await stop();
    }
  }));

Deno.test("live settings: a standby keeps them for the time when it leads, and its fronts use theirs", () =>
  withTempDir(async (dir) => {
    const [config, motd] = [`${dir}/serve.json`, `${dir}/motd`];
    const write = (settings: Record<string, unknown>) => Deno.writeTextFile(config, JSON.stringify(settings));
    await write({ "no-web": true });
    await Deno.writeTextFile(motd, "first\n");
    const outcome = await resolveServeSettings(flags("--config", config, "--data-dir", dir), () => undefined);
    assert(outcome.kind === "ok", JSON.stringify(outcome));
    const said: string[] = [];
    const reloader = makeReloader(outcome.settings, said);
    const fronts: unknown[] = [];
    const standby: SettingsUser = {
      ...userOf(undefined),
      reloadFronts: ({ limits, replay }) => fronts.push([limits.maxClients, replay]),
    };
    // One after another: the second one compares with what the first one has taken over.
    const change = { "max-clients": 5, replay: 9, "motd-file": motd, name: "other.test" };
    await write(change);
    const answers = await Promise.all([reloader.reload(standby), reloader.reload(standby)]);
    const waiting = "changed in the configuration file, but need a restart: name, no-web";
    const reloaded = "reloaded: password, message of the day";
    assertEquals(answers.map(({ lines }) => lines), [
      [
        reloaded,
        "changed: max-clients",
        "changed, for the time when this node leads: motd-file, replay",
        waiting,
      ],
      [reloaded, waiting],
    ]);
    assertEquals(fronts, [[5, 9], [5, 9]]);
    const { replay, serverName } = reloader.settings;
    assertEquals([replay, serverName, reloader.files.motd], [9, "chatterbox.local", ["first"]]);

    // A file with a fault changes nothing, also none of its other settings.
    await Deno.writeTextFile(config, '{\n  "replay": 3,\n  "max-clients": "many"\n}');
    const bad = await reloader.reload(standby);
    assertMatch(bad.failure!.words, /serve\.json: line 3: .*; the previous settings stay in use$/);
    assertEquals([reloader.settings.replay, fronts.at(-1)], [9, [5, 9]]);
    assertEquals(said.filter((line) => line.includes("line 3")).length, 1);
  }));

pureTest("live settings: limits of an address hold for later connections", () => {
  const limits = new AddressLimits({ ...DEFAULT_SERVER_LIMITS, perAddress: 1 }, new AddressSet([]));
  const kinds = () => limits.admit("192.0.2.1", 0).kind;
  assertEquals([kinds(), kinds()], ["counted", "refused"]);
  limits.replaceLimits({ perAddress: 2, connectRate: { count: 1, ms: 60_000 } });
  assertEquals([kinds(), kinds()], ["counted", "refused"]);
  limits.replaceLimits({ perAddress: 9, connectRate: { count: 1, ms: 60_000 } });
  assertEquals(kinds(), "refused"); // by the rate, which has not changed
});

pureTest(
  "live settings: operators that are named have their rights at once, and lose them when they are not",
  () => {
    const chat = new TestHub({ opers: new Set(["alice"]) });
    const [alice, bob] = [login(chat, "alice"), login(chat, "bob")];
    makeOperator(chat, "alice"); // the account was made after the start
    const replace = (...names: string[]) => {
      chat.hub.beginTask(chat.now);
      replaceOperators(chat.hub, new Set(names));
      chat.deliver();
      return [alice, bob].map((session) => [session.user!.isServerOperator, chat.heard(session).at(-1)]);
    };
    chat.heard(alice);
    assertEquals(replace("alice"), [[true, undefined], [false, undefined]]);
    assertEquals(replace("bob", "nemo"), [[false, ":alice MODE alice -o"], [
      true,
      ":bob MODE bob +o",
    ]]);
    assertEquals(
      chat.serverEvents.splice(0).map(({ kind }) => kind).filter((kind) => kind.startsWith("oper_")),
      [
        "oper_missing",
        "oper_named",
        "oper_missing",
      ],
    );
    const stranger = chat.open();
    chat.say(stranger, "NICK nemo");
    assertMatch(chat.heard(stranger).at(-1)!, /^:irc\.test 43[23] /); // reserved for the operator
  },
);

pureTest("live settings: limits and texts of the hub hold from now on", () => {
  const chat = new TestHub({ admin: "first", maxClients: 3 });
  const alice = chat.enter("alice");
  const admin = () => {
    chat.say(alice, "ADMIN");
    return chat.heard(alice).join("\n");
  };
  assertEquals(admin().includes("first"), true);
  chat.hub.reconfigure({ admin: "second", maxClients: 1 });
  chat.hub.replaceLimits({ ...DEFAULT_LIMITS, channelsPerUser: 1, channels: 1 });
  assertEquals([admin().includes("first"), admin().includes("second")], [false, true]);
  chat.hub.reconfigure({ admin: undefined });
  assertEquals(admin().includes("second"), false);
  assertEquals(chat.hub.open(99, "192.0.2.1", false, chat.now), undefined);
  chat.say(alice, "JOIN #a,#b");
  assertEquals(chat.heard(alice).filter((line) => / 40[35] /.test(line)).length >= 1, true);
});

Deno.test({
  name: "live settings: docs/administration.md has all of them, and no others",
  permissions: { read: true },
  fn() {
    const listed = firstCells(read("docs/administration.md"), "takes effect at once").flatMap(codeWords);
    assertEquals(listed.toSorted(), LIVE_SETTINGS.toSorted());
  },
});
