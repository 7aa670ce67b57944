/** `serve --config` at SIGHUP: what a changed file does, and what it does not. */
import { assertEquals, assertMatch } from "@std/assert";
import { endOf } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { POSIX } from "../support/test.ts";
import { linesOf, program, programTest, start } from "./program.ts";

programTest(
  "serve: SIGHUP takes over what can change, and says what needs a restart or is bad",
  POSIX,
  async (home) => {
    const config = `${home}/serve.json`;
    const write = (settings: Record<string, unknown>) => Deno.writeTextFile(config, JSON.stringify(settings));
    await Deno.writeTextFile(`${home}/motd`, "second\n");
    const first = { admin: "alice, room 1", "no-web": true, "max-per-address": 50 };
    await write(first);
    const server = start(["serve", "--listen", "127.0.0.1:0", "--config", config, "--replay", "5"], home);
    const lines = linesOf(server.stdout);
    const line = async (pattern: RegExp) => {
      for (let next = await lines.next(); !next.done; next = await lines.next()) {
        const match = pattern.exec(next.value);
        if (match !== null) return match;
      }
      throw new Error(`no line like ${pattern}`);
    };
    const port = Number((await line(/listening on 127\.0\.0\.1:(\d+)/))[1]);
    const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
    for (const each of ["NICK bob", "USER bob 0 * :b"]) await client.send(each);
    await client.barrier();

    await write({ ...first, admin: "carla", "motd-file": `${home}/motd`, "log-format": "json", replay: 9 });
    server.kill("SIGHUP");
    await line(/settings changed: motd-file, admin$/); // the flag of the command line wins over replay
    await line(/warning: changed in the configuration file, but need a restart: log-format$/);
    await line(/message of the day reloaded/);
    client.take();
    for (const each of ["ADMIN", "MOTD"]) await client.send(each);
    await client.barrier();
    assertMatch(client.take().join("\n"), /:carla\n[^]* 372 bob :- second/);

    const reload = () => program(["admin", "reload"], home);
    await Deno.writeTextFile(config, '{\n  "admn": "x"\n}');
    const bad = await reload();
    assertEquals([bad.code, bad.out], [77, ""]);
    assertMatch(
      bad.err,
      /serve\.json: line 2: unknown setting "admn"; did you mean "admin"\?; the previous settings stay/,
    );
    await write({ ...first, oper: "nemo" });
    const good = await reload();
    assertEquals([good.code, good.err], [0, ""]);
    assertEquals(good.out, "reloaded: password, message of the day\nchanged: oper, motd-file, admin\n");
    await client.send("MOTD");
    await client.barrier();
    assertMatch(client.take().join("\n"), / 422 /); // there is none any longer
    client.close();
    server.kill("SIGTERM");
    await line(/stopped: /);
    await server.stderr.cancel();
    assertEquals((await endOf(server)).code, 0);
  },
);
