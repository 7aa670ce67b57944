import { unreachable } from "../base/assert.ts";

/**
 * Exit codes of the process. The numbers are those of BSD `sysexits.h` where one fits (71 and 72 have other
 * meanings there, which cannot occur here), and 128 + n for signal n. This table is the source of `--help`
 * and docs/exit_codes.md.
 */
export const EXIT = {
  ok: 0,
  notFound: 1,
  usage: 64,
  malformed: 65,
  noUser: 67,
  noHost: 68,
  unreachable: 69,
  bug: 70,
  notDurable: 71,
  notDelivered: 72,
  cannotCreate: 73,
  ioError: 74,
  tryAgain: 75,
  notIrc: 76,
  refused: 77,
  badConfig: 78,
  hungUp: 129,
  interrupted: 130,
  quit: 131,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The meaning of each code, in the order of the numbers. */
export const EXIT_CODES: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.ok, "done"],
  [EXIT.notFound, "nothing was found (logs --search)"],
  [EXIT.usage, "wrong usage: unknown command or flag, or an invalid value"],
  [EXIT.malformed, "the message (or file) is malformed or too long"],
  [EXIT.noUser, "no such user or room"],
  [EXIT.noHost, "no such host"],
  [EXIT.unreachable, "the server cannot be reached"],
  [EXIT.bug, "a bug in ChatterBox"],
  [EXIT.notDurable, "accepted, but not known to be on the server's disk"],
  [EXIT.notDelivered, "accepted, but not known to have reached the receiver"],
  [EXIT.cannotCreate, "a file or folder cannot be created, or is in use"],
  [EXIT.ioError, "reading or writing a file, or a program of logs --exec, failed"],
  [EXIT.tryAgain, "timed out or connection lost: the error text says how to try again"],
  [EXIT.notIrc, "no IRC server at that address, or TLS on one side only"],
  [EXIT.refused, "refused: wrong password, banned, name taken, certificate not trusted"],
  [EXIT.badConfig, "bad configuration, or a secret file that is missing or not private"],
  [EXIT.hungUp, "the terminal was closed (SIGHUP)"],
  [EXIT.interrupted, "interrupted (SIGINT, Ctrl-C)"],
  [EXIT.quit, "quit (SIGQUIT)"],
  [EXIT.terminated, "terminated (SIGTERM)"],
];

/**
 * Why a command was asked to stop early: the reason with which `Io.signal` (a signal) and
 * `OutputStream.closedSignal` (the reader of standard output closed its end, or a write failed) are aborted.
 * `enough`: the requested amount has been shown.
 */
export type StopReason =
  | { readonly why: "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM" | "reader_gone" | "enough" }
  | { readonly why: "write_failed"; readonly text: string };

/** Exit code of a command that stopped because of `signal`. `chatterbox logs | head -1` is a success. */
export function exitCodeForSignal(signal: AbortSignal): ExitCode {
  const reason = signal.reason as StopReason;
  switch (reason.why) {
    case "SIGINT":
      return EXIT.interrupted;
    case "SIGHUP":
      return EXIT.hungUp;
    case "SIGQUIT":
      return EXIT.quit;
    case "SIGTERM":
      return EXIT.terminated;
    case "reader_gone":
    case "enough":
      return EXIT.ok;
    case "write_failed":
      return EXIT.ioError;
    default:
      return unreachable(reason);
  }
}
