/** Makes the segment of the name given, says so, and appends sample records as fast as it can, until it is killed. */
import { appendSamples } from "../log/samples.ts";
import { create } from "./segments.ts";

const { ring } = create(Deno.args[0]!);
console.log("made");
for (;;) appendSamples(ring, 50);
