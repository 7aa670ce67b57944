/** The server with a clock that a file sets, so that a conversation of several days is made within seconds. */

/** Holds milliseconds that are added to the time of the machine. */
const CLOCK_FILE = Deno.env.get("CHATTERBOX_CLOCK_FILE")!;
const machineTime = Date.now;

Date.now = () => machineTime() + Number(Deno.readTextFileSync(CLOCK_FILE));

await import("../../../main.ts");
