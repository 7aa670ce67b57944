import { assertEquals } from "@std/assert";
import { findLoginName, loadClientSettings } from "../../lib/cli/files/client_settings.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest } from "../support/test.ts";

/** A user without an entry in the user database. */
const none = () => Promise.resolve(undefined);

function env(values: Record<string, string>) {
  return (name: string) => values[name];
}

/** Settings under a configuration folder that holds `config`. */
async function settings(config: string | undefined, values: Record<string, string>, flags = {}) {
  return await withTempDir(async (home) => {
    await Deno.mkdir(`${home}/chatterbox`);
    const options = { mode: 0o600 };
    if (config !== undefined) await Deno.writeTextFile(`${home}/chatterbox/config.json`, config, options);
    const outcome = await loadClientSettings(flags, env({ XDG_CONFIG_HOME: home, ...values }), none);
    return outcome.kind === "bad" ? { ...outcome, path: outcome.path.replace(home, "HOME") } : outcome;
  });
}

Deno.test({
  name: "flags win over the environment, the environment over the file, the file over the defaults",
  permissions: { read: true, write: true },
  async fn() {
    const file = JSON.stringify({
      server: "file:1",
      name: "filename",
      password: "filepw",
      ca: "file.pem",
      rooms: ["#dev"],
    });
    const environment = {
      CHATTERBOX_SERVER: "env:1",
      CHATTERBOX_NAME: "envname",
      CHATTERBOX_PASSWORD: "envpw",
      CHATTERBOX_CA: "env.pem",
    };
    assertEquals(await settings(undefined, { USER: "alice" }), {
      kind: "ok",
      settings: {
        server: "irc://127.0.0.1:6667",
        name: "alice",
        nameChosen: false,
        password: undefined,
        caFile: undefined,
        rooms: [],
      },
    });
    assertEquals(await settings(file, {}), {
      kind: "ok",
      settings: {
        server: "file:1",
        name: "filename",
        nameChosen: true,
        password: "filepw",
        caFile: "file.pem",
        rooms: ["#dev"],
      },
    });
    assertEquals(await settings(file, environment), {
      kind: "ok",
      settings: {
        server: "env:1",
        name: "envname",
        nameChosen: true,
        password: "envpw",
        caFile: "env.pem",
        rooms: ["#dev"],
      },
    });
    assertEquals(
      await settings(file, environment, { server: "flag:1", name: "flagname", caFile: "flag.pem" }),
      {
        kind: "ok",
        settings: {
          server: "flag:1",
          name: "flagname",
          nameChosen: true,
          password: "envpw",
          caFile: "flag.pem",
          rooms: ["#dev"],
        },
      },
    );
  },
});

Deno.test({
  name: "a password file holds one line",
  permissions: { read: true, write: true },
  async fn() {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, "secret word\n");
      const outcome = await settings(undefined, {}, { passwordFile: path });
      assertEquals(outcome.kind === "ok" && outcome.settings.password, "secret word");
      await Deno.writeTextFile(path, "two\nlines\n");
      assertEquals(await settings(undefined, {}, { passwordFile: path }), {
        kind: "bad",
        path,
        why: "has more than one line",
      });
    } finally {
      await Deno.remove(path);
    }
    assertEquals(await settings(undefined, {}, { passwordFile: path }), {
      kind: "bad",
      path,
      why: "no such file",
    });
  },
});

Deno.test({
  name: "a password of several lines is refused, and the message names where it comes from",
  permissions: { read: true, write: true },
  async fn() {
    const config = JSON.stringify({ password: "two\nlines" });
    const why = "the password has more than one line";
    assertEquals(await settings(config, {}), { kind: "bad", path: "HOME/chatterbox/config.json", why });
    assertEquals(await settings(undefined, { CHATTERBOX_PASSWORD: "two\nlines" }), {
      kind: "bad",
      path: "CHATTERBOX_PASSWORD",
      why,
    });
  },
});

Deno.test({
  name: "a configuration file that cannot be meant is refused with what is wrong",
  permissions: { read: true, write: true },
  async fn() {
    const path = "HOME/chatterbox/config.json";
    for (const rooms of ['"#dev"', '["#dev", 7]', '[""]', "{}"]) {
      const why = '"rooms" must be a list of non-empty strings';
      assertEquals(await settings(`{"rooms": ${rooms}}`, {}), { kind: "bad", path, why }, rooms);
    }
    assertEquals(await settings('{"sever": "x"}', {}), {
      kind: "bad",
      path,
      why: 'unknown setting "sever"; the settings are server, name, password, ca, rooms, profiles',
    });
    assertEquals(await settings('{"name": 7}', {}), {
      kind: "bad",
      path,
      why: '"name" must be a non-empty string',
    });
    assertEquals(await settings("[]", {}), { kind: "bad", path, why: "not a JSON object" });
    assertEquals((await settings("{", {})).kind, "bad");
  },
});

const PROFILES = JSON.stringify({
  server: "top:1",
  name: "alice",
  password: "toppw",
  ca: "top.pem",
  profiles: {
    work: { server: "work:1", name: "a.smith", password: "workpw" },
    away: { server: "away:1" },
    bot: { name: "bot" },
  },
});

Deno.test({
  name: "a profile wins over the top level of the file, and flags and environment over the profile",
  permissions: { read: true, write: true },
  async fn() {
    const of = async (values: Record<string, string>, flags = {}) => {
      const read = await settings(PROFILES, values, flags);
      if (read.kind === "bad") return read;
      const { server, name, password, caFile } = read.settings;
      return [server, name, password, caFile];
    };
    assertEquals(await of({}), ["top:1", "alice", "toppw", "top.pem"]);
    assertEquals(await of({}, { profile: "work" }), ["work:1", "a.smith", "workpw", undefined]);
    assertEquals(await of({ CHATTERBOX_PROFILE: "bot" }), ["top:1", "bot", "toppw", "top.pem"]);
    assertEquals(
      await of({ CHATTERBOX_PROFILE: "work" }, { profile: "away" }),
      ["away:1", "alice", undefined, undefined],
      "a server of its own is not sent the password of another one",
    );
    assertEquals(
      await of({ CHATTERBOX_SERVER: "env:1", CHATTERBOX_NAME: "env" }, { profile: "work", name: "flag" }),
      ["env:1", "flag", undefined, undefined],
      "nor is a server that is given",
    );
    assertEquals(await of({}, { server: "other:1" }), ["other:1", "alice", undefined, "top.pem"]);
    assertEquals(await of({}, { server: "top:1" }), ["top:1", "alice", "toppw", "top.pem"]);
    const read = await settings('{"password":"pw"}', {}, { server: "other:1", name: "alice" });
    assertEquals(read.kind === "ok" && read.settings.password, undefined, "it is for the default server");
  },
});

Deno.test({
  name: "a profile that there is not: the message lists those that there are",
  permissions: { read: true, write: true },
  async fn() {
    const why = 'there is no profile "wrok" in HOME/chatterbox/config.json; the profiles are work, away, bot';
    const shown = async (config: string, values: Record<string, string>, flags = {}) => {
      const read = await settings(config, values, flags);
      return read.kind === "bad" && { ...read, why: read.why.replace(/\/\S+(?=\/chatterbox)/, "HOME") };
    };
    assertEquals(await shown(PROFILES, {}, { profile: "wrok" }), {
      kind: "bad",
      path: "--profile",
      why,
      isUsage: true,
    });
    assertEquals(await shown(PROFILES, { CHATTERBOX_PROFILE: "wrok" }), {
      kind: "bad",
      path: "CHATTERBOX_PROFILE",
      why,
      isUsage: false,
    });
    assertEquals((await shown(PROFILES, {}, { profile: "toString" }) || {}).kind, "bad");
    const none = await shown("{}", {}, { profile: "work" });
    assertEquals(none && none.why, 'there is no profile "work" in HOME/chatterbox/config.json; it has none');
  },
});

Deno.test({
  name: "a profile that cannot be meant is refused with its name; a password in one counts as a secret",
  permissions: { read: true, write: true },
  async fn() {
    for (
      const [config, why] of [
        ['{"profiles": []}', '"profiles" must be an object: name of each profile, and its settings'],
        ['{"profiles": {"work": 7}}', 'profile "work": not a JSON object'],
        [
          '{"profiles": {"work": {"sever": "x"}}}',
          'profile "work": unknown setting "sever"; the settings are server, name, password, ca, rooms',
        ],
        ['{"profiles": {"work": {"name": ""}}}', 'profile "work": "name" must be a non-empty string'],
        [
          '{"profiles": {"work": {"rooms": "#a"}}}',
          'profile "work": "rooms" must be a list of non-empty strings',
        ],
        [
          '{"profiles": {"work": {"profiles": {}}}}',
          'profile "work": unknown setting "profiles"; the settings are server, name, password, ca, rooms',
        ],
      ] as const
    ) {
      const read = await settings(config, {});
      assertEquals(read, { kind: "bad", path: "HOME/chatterbox/config.json", why });
    }
    if (Deno.build.os === "windows") return;
    await withTempDir(async (home) => {
      await Deno.mkdir(`${home}/chatterbox`);
      await Deno.writeTextFile(`${home}/chatterbox/config.json`, PROFILES, { mode: 0o644 });
      const read = await loadClientSettings({}, env({ XDG_CONFIG_HOME: home }), none);
      assertEquals(
        read.kind === "bad" && read.why.startsWith("it contains a password, and other users can"),
        true,
      );
    });
  },
});

pureTest(
  "the login name is taken from the environment, else from the system, as far as a nick may have its characters",
  async () => {
    const system = () => Promise.resolve("sys.user");
    assertEquals(await findLoginName(env({ USER: "alice" }), system), "alice");
    assertEquals(await findLoginName(env({ LOGNAME: "bob.smith" }), system), "bobsmith");
    assertEquals(await findLoginName(env({ USERNAME: "7-of-9" }), system), "of-9");
    assertEquals(await findLoginName(env({ USER: "müller" }), system), "mller");
    assertEquals(await findLoginName(env({}), system), "sysuser");
  },
);

pureTest("a user without a login name that will do has none: no other is made up", async () => {
  assertEquals(await findLoginName(env({ USER: "日本" }), none), undefined);
  assertEquals(await findLoginName(env({}), none), undefined);
});
