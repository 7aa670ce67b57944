/** The program, whose sync worker has a bug as soon as the file `bug` lies beside the data folder's own (`--data-dir`). */
const bug = `${Deno.args[Deno.args.indexOf("--data-dir") + 1]}/bug`;

globalThis.Worker = class extends Worker {
  constructor(_module: string | URL, _options?: WorkerOptions) {
    super(new URL("./dying_sync_worker.ts", import.meta.url), { type: "module", name: bug });
  }
};

await import("../../main.ts");
