/** Says `ready`, and `aborted` at the first signal to stop; what it is asked to do never ends. */
import { createSystemIo } from "../../lib/cli/system_io.ts";

// deno-lint-ignore chatterbox/exit -- this program stands for main.ts
const io = createSystemIo(Deno.exit, () => Promise.resolve([]));
io.signal.addEventListener("abort", () => io.stdout.write("aborted\n"));
io.stdout.write("ready\n");
setInterval(() => {}, 1000);
