/** Version of the program, read from deno.json, the only place that states it. */
import config from "../../deno.json" with { type: "json" };

export const VERSION: string = config.version;
