/** `serve` while it starts: signals that come before there is a handler for them. */
import { assertEquals } from "@std/assert";
import { programTest } from "../commands/program.ts";
import { LINUX_ONLY } from "../front/fronts_process.ts";
import { inTime } from "../support/guard.ts";
import { Serve } from "./serve_process.ts";

/** A configuration file that is a pipe, another one for each reader: a process that reads it waits for the test. */
class ConfigPipe {
  private constructor(readonly path: string) {}

  static async make(path: string): Promise<ConfigPipe> {
    const pipe = new ConfigPipe(path);
    await pipe.#makePipe();
    return pipe;
  }

  /** Waits for a reader, which goes on once the file is closed. */
  async open(): Promise<Deno.FsFile> {
    const file = await inTime("a reader", Deno.open(this.path, { write: true }));
    await this.#makePipe();
    return file;
  }

  /** Waits until a process reads; it goes on after `meanwhile`. */
  async give(
    settings: Record<string, unknown>,
    meanwhile: () => Promise<void> | void = () => {},
  ): Promise<void> {
    using pipe = await this.open();
    await meanwhile();
    await pipe.write(new TextEncoder().encode(JSON.stringify(settings)));
  }

  /** Later readers get `settings` at once. */
  async replace(settings: Record<string, unknown>): Promise<void> {
    await Deno.remove(this.path);
    await Deno.writeTextFile(this.path, JSON.stringify(settings));
  }

  async #makePipe(): Promise<void> {
    const script = 'mkfifo "$0.next" && mv "$0.next" "$0"';
    await new Deno.Command("sh", { args: ["-c", script, this.path] }).output();
  }
}

/** Readers of the configuration until the server runs: with fronts the keeper and its hub. */
const KINDS = [["serve", [], 1], ["serve --fronts", ["--fronts", "1"], 2]] as const;

for (const [name, flags, readers] of KINDS) {
  for (let held = 0; held < readers; held++) {
    programTest(`${name}: signals while process ${held + 1} of its start reads`, LINUX_ONLY, async (home) => {
      const pipe = await ConfigPipe.make(`${home}/config`);
      const begin = () => Serve.starting(home, [...flags, "--config", pipe.path]);
      const settings = { "no-web": true, replay: 5 };
      const start = async (meanwhile: () => Promise<void> | void) => {
        for (let n = 0; n < held; n++) await pipe.give(settings);
        await pipe.give(settings, meanwhile);
      };

      const reloaded = begin();
      await start(() => reloaded.child.kill("SIGHUP"));
      for (let n = held + 1; n < readers; n++) await pipe.give(settings);
      await reloaded.until(({ event }) => event === "listening");
      await pipe.give({ ...settings, replay: 6 }); // the SIGHUP is carried out
      await reloaded.until(({ text }) => text === "settings changed: replay");
      assertEquals(await reloaded.end(), 0);

      const stopped = begin();
      await start(async () => {
        await pipe.replace(settings); // a hub may be stopped before it reads
        stopped.child.kill("SIGTERM");
      });
      assertEquals([await stopped.ended(), await stopped.stderr], [0, ""]);
    });
  }
}

programTest("serve: a second signal to a server that starts ends it at once", LINUX_ONLY, async (home) => {
  const pipe = await ConfigPipe.make(`${home}/config`);
  const serve = Serve.starting(home, ["--config", pipe.path]);
  using _reading = await pipe.open();
  serve.child.kill("SIGTERM");
  serve.child.kill("SIGINT");
  assertEquals([await serve.ended() > 128, serve.said], [true, []]);
});

programTest("serve: SIGUSR2 without fronts is told, and nothing else", LINUX_ONLY, async (home) => {
  const pipe = await ConfigPipe.make(`${home}/config`);
  const serve = Serve.starting(home, ["--config", pipe.path]);
  await pipe.give({ "no-web": true }, () => serve.child.kill("SIGUSR2"));
  await serve.until(({ text }) => text.startsWith("SIGUSR2: the server runs without fronts"));
  assertEquals(await serve.end(), 0);
});
