/** The files of docs/cluster/ are ones that `serve` takes, and the page says what they say. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { resolveServeSettings } from "../../lib/server/settings/settings.ts";
import { inOneLine, read } from "./pages.ts";

const LINUX = { ignore: Deno.build.os !== "linux", permissions: { read: true } } as const;

/** The flags of each `serve` in `text`: up to a line that is no continuation, or a key of YAML. */
async function settingsOf(text: string) {
  const commands = Array.from(
    text.matchAll(/chatterbox serve ((?:.*\\\n|[^\n]*\n(?= +--))*.*)/g),
    ([, line]) => line!,
  );
  return await Promise.all(commands.map(async (line) => {
    const parsed = parseFlags(
      SERVE_FLAGS,
      line.replaceAll("\\\n", " ").replaceAll("%l", "chat1").trim().split(/\s+/),
    );
    assert(parsed.kind === "ok", JSON.stringify(parsed));
    const outcome = await resolveServeSettings(parsed.flags, () => undefined, () => "chat1");
    assert(outcome.kind === "ok", JSON.stringify(outcome));
    return outcome.settings;
  }));
}

Deno.test(
  { name: "docs/cluster: the unit starts a node of the cluster that the page describes", ...LINUX },
  async () => {
    const [settings, ...others] = await settingsOf(read("docs/cluster/chat.service"));
    assertEquals(others, []);
    const { endpoints, node, relay, certificate } = settings!.cluster!;
    assertEquals(endpoints, ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((host) => `https://${host}:2379`));
    assertEquals([node, relay], ["chat1", { host: "10.0.0.1", port: 6690 }]);
    const page = read("docs/cluster.md");
    for (const path of [certificate!.cert, certificate!.key, "/etc/chat/ca.pem"]) {
      assert(page.includes(path), `the page installs ${path}`);
    }
  },
);

Deno.test(
  { name: "docs/cluster: the composed nodes differ in name, and have one etcd", ...LINUX },
  async () => {
    const nodes = (await settingsOf(read("docs/cluster/compose.yaml"))).map(({ cluster }) => cluster!);
    assertEquals(nodes.map(({ node }) => node), ["chat1", "chat2", "chat3"]);
    assertEquals(nodes.map(({ advertised }) => advertised?.host), ["chat1", "chat2", "chat3"]);
    assertEquals(new Set(nodes.map(({ endpoints }) => endpoints.join())).size, 1);
  },
);

Deno.test({ name: "docs/cluster: etcd's settings name the files that the page installs", ...LINUX }, () => {
  const page = inOneLine(read("docs/cluster.md"));
  for (const [, path] of read("docs/cluster/etcd.env").matchAll(/=(\/etc\/\S+)/g)) {
    assert(page.includes(path!), `the page installs ${path}`);
  }
});
