/** The program, of which `list` has a bug. */
import { command } from "../../commands/list.ts";

Object.assign(command, { run: () => Promise.reject(new TypeError("a bug")) });

await import("../../main.ts");
