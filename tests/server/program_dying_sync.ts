/** The program, whose sync worker has a bug as soon as the file `bug` lies beside the data folder's own (`--data-dir`). */
const bug = `${Deno.args[Deno.args.indexOf("--data-dir") + 1]}/bug`;

globalThis.Worker = class extends Worker {
  constructor(module: string | URL, options?: WorkerOptions) {
    const isSync = String(module).endsWith("/sync_worker.ts");
    const dying = new URL("./dying_sync_worker.ts", import.meta.url);
    super(isSync ? dying : module, isSync ? { type: "module", name: bug } : options);
  }
};

await import("../../main.ts");
