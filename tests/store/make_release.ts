/**
 * Makes the files of a release that later versions must open:
 *
 *     deno run --allow-all tests/store/make_release.ts
 *
 * writes tests/store/releases/VERSION. It is run before a version is released, and its result is never changed
 * afterwards.
 */
import facts from "../../deno.json" with { type: "json" };
import { openOutbox } from "../../lib/client/sending/outbox_store.ts";
import { program, Server } from "../commands/program.ts";
import { comesTrue } from "../support/guard.ts";
import { copyTree, OUTBOX_OWNER, packBackup, releasePath, SAID, UNSENT } from "./release_folder.ts";

const home = await Deno.makeTempDir();
const server = await Server.start(home, "--buffer", "64KiB", "--sync", "always", "--archive", "forever");
try {
  const run = async (...args: string[]) => {
    const { code, out, err } = await program(args, home);
    if (code !== 0) throw new Error(`${args.join(" ")}: ${code}: ${err}`);
    return out;
  };
  const at = ["--server", server.url];
  const data = ["--data-dir", `${home}/data`];
  await run("send", "#lobby", SAID[0], "--from", "bob", ...at);
  await run("logs", "--cursor-file", `${home}/cursor`, ...at);
  await run("send", "#lobby", SAID[1], "--from", "bob", ...at);
  await comesTrue("an archive that has all", async () => {
    const { code, out } = await program(["archive", "export", ...data], home);
    return code === 0 && out.includes(SAID[1]);
  });
  await run("backup", ...data, `${home}/backup`);
  await Deno.remove(releasePath(facts.version, ""), { recursive: true }).catch(() => {}); // there is none yet
  await packBackup(facts.version, `${home}/backup`);
  await Deno.copyFile(`${home}/cursor`, releasePath(facts.version, "cursor"));
  const outbox = openOutbox(`${home}/outbox`, OUTBOX_OWNER.address, OUTBOX_OWNER.name);
  if (outbox.kind !== "ok") throw new Error(outbox.why);
  for (const message of UNSENT) outbox.store.add(message);
  await copyTree(`${home}/outbox`, releasePath(facts.version, "outbox"));
} finally {
  await server.stop();
  await Deno.remove(home, { recursive: true });
}
