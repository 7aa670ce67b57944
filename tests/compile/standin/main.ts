/** The program, on the completed platform. */
import "./platform.ts";

const workers: Record<string, URL> = {
  "sync_worker.ts": new URL("./sync_worker.ts", import.meta.url),
};

globalThis.Worker = class extends Worker {
  constructor(module: string | URL, options?: WorkerOptions) {
    const name = String(module).split("/").at(-1)!;
    super(workers[name] ?? module, options);
  }
};

await import("../../../main.ts");
