/**
 * Sends restored sessions what they have missed: records that are in the log and that their fronts did not receive,
 * and the answers to lines of which the records are in the log. So no line is worked on twice.
 */
import { CAP } from "../../irc/capabilities.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { parseMessage } from "../../irc/message.ts";
import type { Message } from "../../irc/message.ts";
import type { HubContext, Services } from "../context.ts";
import { dispatch } from "../dispatch.ts";
import { sendChannelState } from "../fanout/channel_replies.ts";
import { sendEvent } from "../fanout/fan_out.ts";
import { replayOnJoin } from "../fanout/history/join_replay.ts";
import type { Hub } from "../hub.ts";
import type { Session } from "../model/state/entities.ts";
import type { MessageEvent, RecordedEvent } from "../model/state/event.ts";
import type { DirectTarget } from "../model/state/event.ts";
import { readableChannel } from "../policy/channel_access.ts";
import { LineState } from "../model/work_steps.ts";
import { responseLabel } from "../output/labeled_response.ts";
import { answerDirectMessage } from "../verbs/messaging/message.ts";
import { noteAnswer } from "../verbs/messaging/question_answer.ts";
import { failLostBatch } from "../verbs/messaging/multiline_batch.ts";
import { sessionKey } from "./log_walk.ts";
import type { MissedRecord } from "./log_walk.ts";
import { areGivenUp } from "./presentation.ts";
import type { PresentedLine } from "./presentation.ts";
import { remainingLine } from "./remaining_line.ts";
import type { ReadSession } from "./user_model.ts";

/**
 * Verbs that are worked on again although a later line of the session is in the log: they append nothing and take no
 * time.
 */
const REPEATABLE = new Set(["PING", "PONG", "AWAY", "CAP", "MONITOR", "MARKREAD"]);
/** Of these, what tells that a connection lives: it is worked on also where lines are given up. */
const ALIVE = new Set(["PING", "PONG"]);
/** Verbs that get no answer if their outcome is lost. */
const UNANSWERED = new Set(["NOTICE", "TAGMSG"]);

/** A restored session, while it is sent what it missed. */
export interface Catcher {
  readonly read: ReadSession;
  readonly session: Session;
  /** The last line that is not worked on: a record in the log is for it, or it is given up; 0: there is none. */
  readonly lastLine: number;
}

/** The batch that a session has open, as of the lines so far. */
interface KnownBatch {
  readonly ref: string;
  readonly label: string;
}

interface Progress extends Catcher {
  /** Index of the next line that was not answered. */
  nextLine: number;
  batch: KnownBatch | undefined;
  /** Records of the line that is being answered. */
  records: MissedRecord[];
}

export class Redelivery {
  readonly #hub: Hub;
  readonly #context: HubContext;
  readonly #services: Services;
  readonly #now: number;
  readonly #byKey: ReadonlyMap<string, Progress>;

  constructor(hub: Hub, catchers: readonly Catcher[], now: number) {
    this.#hub = hub;
    this.#context = hub.context;
    this.#services = hub.services;
    this.#now = now;
    this.#byKey = new Map(catchers.map((catcher) => {
      const batch = catcher.read.state.openBatch;
      return [sessionKey(catcher.read.presented), { ...catcher, nextLine: 0, batch, records: [] }];
    }));
  }

  run(missed: readonly MissedRecord[]): void {
    const lastOfLine = new Map<string, number>();
    for (const { origin, seq } of missed) {
      if (origin !== undefined) lastOfLine.set(`${sessionKey(origin)}.${origin.line}`, seq);
    }
    const unfinished: [Progress, number][] = [];
    for (const record of missed) {
      const { origin, seq } = record;
      const sender = origin && this.#byKey.get(sessionKey(origin));
      this.#noteWaiting(record);
      this.#tellReceivers(record, sender);
      this.#tellObservers(record);
      if (origin === undefined || sender === undefined) continue;
      sender.records.push(record);
      if (lastOfLine.get(`${sessionKey(origin)}.${origin.line}`) !== seq) continue;
      if (this.#isUnfinished(sender, origin.line)) unfinished.push([sender, origin.line]);
      else this.#answer(sender, origin.line);
    }
    // What they append comes after all that is in the log, for others too.
    for (const [sender, line] of unfinished) this.#answer(sender, line);
    for (const progress of this.#byKey.values()) {
      this.#giveUpLines(progress);
      const { session, batch } = progress;
      if (batch === undefined || session.closeReason !== undefined) continue;
      failLostBatch(this.#context, session, batch.ref, batch.label);
    }
  }

  /** A message that no session was sent waits for its receiver, also if the last hub has not noted that. */
  #noteWaiting({ event, seq }: MissedRecord): void {
    if (event.kind !== "message" || event.verb === "TAGMSG" || event.target.kind !== "direct") return;
    this.#services.offlineMessages.noteReceived(event, event.target, seq);
  }

  #tellReceivers(record: MissedRecord, sender: Progress | undefined): void {
    const { event } = record;
    for (const { presented } of record.receivers) {
      const receiver = this.#byKey.get(sessionKey(presented));
      if (receiver === undefined || receiver.session.closeReason !== undefined) continue;
      const { session } = receiver;
      if (receiver === sender) {
        if (event.kind === "message" && isToSelf(event)) sendEvent(this.#context, session, event, record);
        continue;
      }
      if (event.kind === "message" && event.target.kind === "direct" && this.#isOwnCopy(session, event)) {
        continue;
      }
      this.#send(session, record);
    }
  }

  #tellObservers(record: MissedRecord): void {
    for (const { presented } of record.observers) {
      const session = this.#byKey.get(sessionKey(presented))?.session;
      if (session === undefined || session.closeReason !== undefined) continue;
      const isReadable = record.rooms.length === 0 ||
        record.rooms.some((name) =>
          readableChannel(this.#context, this.#services, session, name) !== undefined
        );
      if (isReadable) this.#send(session, record);
    }
  }

  /** Whether `session` is one of the sender and gets no copy of its direct messages. */
  #isOwnCopy({ user, caps }: Session, { from, target }: MessageEvent): boolean {
    return user?.owner === from && !(target.kind === "direct" && target.owner === from) &&
      !caps.has(CAP.echoMessage);
  }

  /** Sends what the session of a receiver gets of the record. */
  #send(session: Session, record: MissedRecord, hasEntered = true): void {
    const { event } = record;
    const context = this.#context;
    if (event.kind === "redact" && !session.caps.has(CAP.redaction)) return;
    if (event.kind === "rename" && !session.caps.has(CAP.channelRename)) {
      return this.#sendRename(session, record, event);
    }
    sendEvent(context, session, event, record);
    if (event.kind === "join" && event.source === session.user?.source) {
      this.#sendRoom(session, event.channel, hasEntered);
    }
  }

  /** As channel-rename, "Fallback". */
  #sendRename(
    session: Session,
    record: MissedRecord,
    { channel, to, reason }: Extract<RecordedEvent, { kind: "rename" }>,
  ): void {
    const { user } = session;
    if (user === undefined || casefold(channel) === casefold(to)) return;
    const { source, realname } = user;
    const place = { seq: 0, time: record.time, account: user.account?.name ?? "" };
    sendEvent(this.#context, session, { kind: "part", source, channel, reason }, place);
    sendEvent(this.#context, session, { kind: "join", source, channel: to, realname }, place);
    this.#sendRoom(session, to, false);
  }

  /** Sends what follows a JOIN; `hasEntered`: with the newest messages. */
  #sendRoom(session: Session, name: string, hasEntered: boolean): void {
    const channel = this.#context.state.channel(name);
    if (channel === undefined || !session.channels.has(channel)) return;
    sendChannelState(this.#context, this.#services, session, channel);
    if (hasEntered) replayOnJoin(this.#context, this.#services, session, channel);
  }

  /** Whether the line, of which all records have come, has targets without a record, and is worked on further. */
  #isUnfinished({ read, records, lastLine }: Progress, number: number): boolean {
    const line = read.presented.lines.find((each) => each.number === number)?.line;
    if (number !== lastLine || typeof line !== "string") return false;
    return remainingLine(parseMessage(line), records.map(({ event }) => event)) !== undefined;
  }

  /** Answers the line `number`, of which all records have come; before it, the lines before it. */
  #answer(sender: Progress, number: number): void {
    const records = sender.records;
    sender.records = [];
    const { lines } = sender.read.presented;
    while (sender.nextLine < lines.length && lines[sender.nextLine]!.number < number) {
      this.#answerLost(sender, lines[sender.nextLine++]!);
    }
    const line = lines[sender.nextLine];
    const message = line?.number === number && typeof line.line === "string"
      ? parseMessage(line.line)
      : undefined;
    if (line?.number === number) sender.nextLine++;
    if (sender.session.closeReason !== undefined) return;
    const batch = message?.command === "BATCH" ? sender.batch : undefined;
    if (batch !== undefined) sender.batch = undefined;
    this.#respond(sender, number, message, () => {
      const deliver = () =>
        this.#deliverOwn(sender, records, batch?.label !== undefined || isLabeled(sender, message));
      if (batch === undefined) deliver();
      else this.#context.respondWithLabel(sender.session, batch.label, deliver);
      const rest = batch === undefined
        ? remainingLine(message, records.map(({ event }) => event))
        : undefined;
      if (rest === undefined) return;
      // After the last line none of the session can be in the log before its rest.
      if (number === sender.lastLine && !areGivenUp(sender.read.presented)) {
        dispatch(this.#context, this.#services, sender.session, rest);
      } else this.#failLost(sender, rest.command);
    });
  }

  /** The sender's own part of the records of its line; `isWhole`: also what its front has received. */
  #deliverOwn(
    { session, read, lastLine }: Progress,
    records: readonly MissedRecord[],
    isWhole: boolean,
  ): void {
    for (const record of records) {
      const isLast = record.origin?.line === lastLine;
      if (!isWhole && read.presented.deliveredSeq > record.seq) continue;
      const { event } = record;
      if (event.kind !== "message") {
        const isEcho = event.kind !== "redact" || session.caps.has(CAP.echoMessage);
        if (isEcho) this.#send(session, record, isLast);
        continue;
      }
      if (session.caps.has(CAP.echoMessage)) sendEvent(this.#context, session, event, record);
      if (session.user !== undefined) {
        noteAnswer(this.#context, this.#services, session.user, event, record.seq);
      }
      if (event.target.kind === "direct") {
        answerDirectMessage(this.#context, this.#services, session, event as MessageEvent<DirectTarget>);
      }
    }
  }

  /** A line before one that is in the log: it was worked on, and what came of it is lost unless it is repeated. */
  #answerLost(sender: Progress, { number, line }: PresentedLine): void {
    const { session } = sender;
    if (session.closeReason !== undefined) return;
    const message = typeof line === "string" ? parseMessage(line) : undefined;
    const command = message?.command ?? "";
    if (message?.tags.has("batch") || command === "BATCH") return this.#passBatchLine(sender, message!);
    const isTriedAgain = areGivenUp(sender.read.presented)
      ? ALIVE.has(command)
      : message === undefined || REPEATABLE.has(command);
    if (isTriedAgain) {
      session.connection.relay = { ...sender.read.presented, line: number };
      this.#hub.line(session, line, this.#now);
      return this.#finish(session);
    }
    this.#respond(sender, number, message, () => {
      this.#failLost(sender, command);
    });
  }

  /** Answers the lines that are left and are not worked on. */
  #giveUpLines(sender: Progress): void {
    const { lines } = sender.read.presented;
    if (!areGivenUp(sender.read.presented)) return;
    while (sender.nextLine < lines.length) this.#answerLost(sender, lines[sender.nextLine++]!);
  }

  /** Tells the client that the outcome of its command is lost. */
  #failLost({ session, read: { presented } }: Progress, command: string): void {
    const isGivenUp = areGivenUp(presented);
    if (!isGivenUp && UNANSWERED.has(command)) return;
    const text = isGivenUp
      ? "The server ended each time before it answered; it does not work on the command again"
      : "The server was restarted before it answered; send the command again if it had no effect";
    this.#context.fail(session, command === "" ? "*" : command, "TEMPORARILY_UNAVAILABLE", [], text);
  }

  #passBatchLine(sender: Progress, { command, params: [edge = ""], tags }: Message): void {
    if (command !== "BATCH") return;
    const ref = edge.slice(1);
    if (edge.startsWith("+")) {
      sender.batch = { ref, label: responseLabel(sender.session, tags) };
    } else if (sender.batch?.ref === ref) {
      failLostBatch(this.#context, sender.session, ref, sender.batch.label);
      sender.session.connection.batch = undefined;
      sender.batch = undefined;
    }
  }

  /** Has the output of `go` be the response to the line. */
  #respond(sender: Progress, number: number, message: Message | undefined, go: () => void): void {
    const { session, read: { presented: { front, session: nth } } } = sender;
    const line = new LineState();
    if (message !== undefined) line.label = responseLabel(session, message.tags);
    session.connection.relay = { front, session: nth, line: number };
    session.connection.suspendedLine = line;
    this.#hub.resume(session, go, this.#now);
    if (number < sender.lastLine) this.#finish(session);
  }

  /** Takes the steps that are left of a line, as later turns would: others of the session follow at once. */
  #finish(session: Session): void {
    while (session.connection.suspendedLine !== undefined) this.#hub.resume(session, () => {}, this.#now);
  }
}

function isLabeled({ session }: Progress, message: Message | undefined): boolean {
  return message !== undefined && responseLabel(session, message.tags) !== "";
}

function isToSelf({ from, target }: MessageEvent): boolean {
  return target.kind === "direct" && target.owner === from;
}
