/**
 * Detects that the reader of a pipe has closed its end before anything is written: the runtime reports this
 * only when a write fails, and an empty write never fails. Calls `poll` of the C library (POSIX) by FFI.
 */

import { openCLibrary } from "../base/platform/c_library.ts";

/**
 * `struct pollfd` (POSIX poll.h): int fd, short events, short revents; POLLERR and POLLHUP are always
 * reported.
 */
const POLLFD_BYTES = 8;
const REVENTS_OFFSET = 6;
/** Same values on Linux and macOS. */
const POLLERR = 0x08;
const POLLHUP = 0x10;

/** Longest delay until the closed end is noticed. */
const PROBE_INTERVAL_MS = 250;

const SYMBOLS = { poll: { parameters: ["buffer", "usize", "i32"], result: "i32" } } as const;

/**
 * Calls `onGone` once the reader of the pipe or socket `fd` has closed its end; never if that cannot be
 * detected (another platform, no permission). Does not keep the process alive.
 */
export function watchPipeReader(fd: number, onGone: () => void): void {
  const library = openCLibrary(SYMBOLS);
  if (library === undefined) return;
  const pollfd = new Uint8Array(POLLFD_BYTES);
  const view = new DataView(pollfd.buffer);
  view.setInt32(0, fd, true); // all platforms of the runtime are little-endian
  const timer = setInterval(() => {
    if (library.symbols.poll(pollfd, 1n, 0) < 1) return;
    if ((view.getInt16(REVENTS_OFFSET, true) & (POLLERR | POLLHUP)) === 0) return;
    clearInterval(timer);
    onGone();
  }, PROBE_INTERVAL_MS);
  Deno.unrefTimer(timer);
}
