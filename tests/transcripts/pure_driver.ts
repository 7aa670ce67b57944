/** Transcripts against the hub alone: no socket, and a clock that the test moves. */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { MAX_CLIENT_TAGS_BYTES, MAX_LINE_BYTES } from "../../lib/irc/limits.ts";
import { LineSplitter } from "../../lib/irc/line_splitter.ts";
import type { LineFault } from "../../lib/irc/line_splitter.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { TestHub } from "../support/hub.ts";
import type { Driver } from "./transcript.ts";

export function pureDriver(config: Partial<HubConfig>): Driver {
  return driverOf(new TestHub(config));
}

export function driverOf(test: TestHub): Driver {
  const sessions = new Map<string, Session>();
  const closed = new Set<Session>();
  const splitter = new LineSplitter({ tagsBytes: MAX_CLIENT_TAGS_BYTES, restBytes: MAX_LINE_BYTES });
  const session = (name: string) => sessions.get(name)!;
  return {
    connect(name) {
      sessions.set(name, test.open());
      return Promise.resolve();
    },
    send(name, line) {
      const lines: (string | LineFault)[] = [];
      splitter.push(encodeUtf8(line + "\r\n"), lines);
      test.say(session(name), ...lines);
      return Promise.resolve();
    },
    settle: () => test.errands(),
    take(name) {
      const lines = test.heard(session(name));
      if (session(name).closeReason === undefined || closed.has(session(name))) return lines;
      closed.add(session(name));
      return [...lines, "(closed)"];
    },
    console(line) {
      runConsoleLine(test.hub, line, test.now);
      test.deliver();
      return Promise.resolve();
    },
    lose(name) {
      test.hub.close(session(name), "Connection closed", test.now, true);
      test.deliver();
      return Promise.resolve();
    },
    advance(ms) {
      test.advance(ms);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
