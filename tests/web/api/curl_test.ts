/** The HTTP API as a script uses it, by curl. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { programTest } from "../../commands/program.ts";
import { needs } from "../../tools.ts";
import { ApiTestServer } from "./api_server.ts";
import { EventReader } from "./event_reader.ts";

/** Starts curl with `args`, which a shell reads. */
function curl(args: string): Deno.ChildProcess {
  return new Deno.Command("sh", { args: ["-c", `exec curl -sS ${args}`], stdout: "piped", stderr: "inherit" })
    .spawn();
}

programTest(
  "api: curl follows a room, is killed, and goes on by Last-Event-ID without a gap or a repetition",
  needs("curl"),
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await alice.barrier();
    const { secret } = await server.token(alice, "read:#ops", "send:#ops");
    await Deno.writeTextFile(`${home}/auth`, `Authorization: Bearer ${secret}\n`);
    const url = `${server.web}/api/v1/messages`;
    const said: string[] = [];
    const say = async (text: string) => {
      said.push(text);
      const body = `-H 'Content-Type: text/plain' --data-binary '${text}' -w '%{http_code}' -o /dev/null`;
      const { stdout } = await curl(`-H @'${home}/auth' ${body} '${url}?to=%23ops'`).output();
      assertEquals(new TextDecoder().decode(stdout), "201");
    };
    const follow = (lastId: string) => {
      const last = lastId === "" ? "" : `-H 'Last-Event-ID: ${lastId}'`;
      const child = curl(`-N -H @'${home}/auth' ${last} '${url}?room=ops&follow=1'`);
      return { child, stream: new EventReader(new Response(child.stdout)) };
    };
    const heard: string[] = [];
    let lastId = "";
    for (let round = 0; round < 3; round++) {
      const { child, stream } = follow(lastId);
      heard.push(...await stream.textsUntilLive());
      await say(`live ${round}`);
      heard.push(...await stream.texts(1));
      lastId = stream.lastId;
      assert(lastId !== "", "events have positions");
      child.kill("SIGKILL");
      await stream.cancel().catch(() => {}); // its output has ended
      await child.status;
      await say(`missed ${round}`);
    }
    const { child, stream } = follow(lastId);
    heard.push(...await stream.textsUntilLive());
    assertEquals(heard, said);
    child.kill();
    await stream.cancel().catch(() => {});
    await child.status;
  },
);
