/** Inboxes of tests: in memory of this process, or in a file of /dev/shm that several processes map. */
import { assert } from "../../lib/base/assert.ts";
import { Inbox, inboxBytes, InboxWriter } from "../../lib/shm/inbox.ts";
import { O_CREAT, O_EXCL, O_RDWR, PAGE_BYTES } from "../../lib/shm/libc.ts";
import { loadLibc } from "./segments.ts";

/** Indices of 32-bit words, and where the records begin (inbox.ts). */
export const CAPACITY_WORD = 17, HEAD_WORD = 18, TAIL_WORD = 19, HOLDER_WORD = 20;
export const DATA_OFFSET = 128;

export function createInbox(buffer: SharedArrayBuffer, capacity: number): Inbox {
  const inbox = Inbox.create(buffer, capacity);
  assert(typeof inbox !== "string", String(inbox));
  return inbox;
}

export function openWriter(buffer: SharedArrayBuffer): InboxWriter {
  const writer = InboxWriter.open(buffer);
  assert(typeof writer !== "string", String(writer));
  return writer;
}

export function privateMemory(capacity: number): SharedArrayBuffer {
  return new SharedArrayBuffer(inboxBytes(capacity));
}

/** Memory of the file `name` in /dev/shm, zeros if it is new. */
export function sharedMemory(name: string, bytes: number, isNew: boolean): SharedArrayBuffer {
  const libc = loadLibc();
  const size = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
  const fd = libc.shmOpen(name, isNew ? O_RDWR | O_CREAT | O_EXCL : O_RDWR, 0o600);
  assert(fd >= 0, `shm_open: ${fd}`);
  if (isNew) libc.allocate(fd, size);
  const buffer = libc.map(fd, 0, size, "write");
  libc.close(fd);
  assert(typeof buffer !== "number", `mmap: ${buffer}`);
  return buffer;
}

/** Record `number` of writer `writer`: its length and each of its bytes follow from the two. */
export function sampleRecord(writer: number, number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + (writer * 31 + number * 7) % 180);
  bytes.fill((writer + number) % 251);
  new DataView(bytes.buffer).setUint32(0, writer, true);
  new DataView(bytes.buffer).setUint32(4, number, true);
  return bytes;
}
