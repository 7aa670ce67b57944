/**
 * Puts sample records of writer WRITER into the inbox in the file NAME of /dev/shm as fast as it can, and prints the
 * number of each that has been put, until it is killed.
 */
import { openWriter, sampleRecord, sharedMemory } from "./inboxes.ts";

const [name, writer, bytes] = Deno.args;
const memory = sharedMemory(name!, Number(bytes), false);
const inbox = openWriter(memory);
const encoder = new TextEncoder();
for (let number = 0;;) {
  if (inbox.tryPut(sampleRecord(Number(writer), number)) !== "put") continue;
  Deno.stdout.writeSync(encoder.encode(`${number}\n`));
  number++;
}
