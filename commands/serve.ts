/**
 * `chatterbox serve`: starts the server, runs it until it is stopped, and saves its history. With `--fronts` other
 * processes do that, which this one starts; so it loads the server only if it is the server.
 */
import { serveCommand } from "./serve/serve_command.ts";

export const command = serveCommand(async (settings, args, io) => {
  if (settings.fronts > 0) {
    const { keepServer } = await import("./serve/keep.ts");
    return await keepServer(settings, args, io);
  }
  const { runServer } = await import(import.meta.resolve("./serve/run_server.ts"));
  return await runServer(settings, io);
});
