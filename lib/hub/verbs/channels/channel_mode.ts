/** MODE for a channel (modern, "MODE message", "Channel mode"): answers queries and commits changes as events. */
import { casefold } from "../../../irc/names/casemap.ts";
import {
  ERR_BANLISTFULL,
  ERR_CHANOPRIVSNEEDED,
  ERR_INVALIDMODEPARAM,
  ERR_NOSUCHNICK,
  ERR_UNKNOWNMODE,
  ERR_USERNOTINCHANNEL,
  RPL_BANLIST,
  RPL_CHANNELMODEIS,
  RPL_ENDOFBANLIST,
  RPL_ENDOFEXCEPTLIST,
  RPL_ENDOFINVEXLIST,
  RPL_EXCEPTLIST,
  RPL_INVEXLIST,
} from "../../../irc/numerics.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import type { Source } from "../../model/identifiers.ts";
import type { HubContext, Services } from "../../context.ts";
import { FORBIDDEN_LOBBY_MODES, isLobby } from "../../policy/lobby.ts";
import { CHANNEL_MODES, formatChanges, MAX_LIST_MASKS, MODES_PER_LINE } from "../../model/channel_modes.ts";
import type { ChannelMode, ListLetter, ModeChange } from "../../model/channel_modes.ts";
import { indexOfMask, isRememberedOperator } from "../../model/channel_settings.ts";
import type { Channel } from "../../model/state/entities.ts";
import { exceedsLine } from "../../output/render.ts";
import { commitWithTopicLock } from "./channel_privileges.ts";
import { frameParams, frameWords } from "../../output/framed_params.ts";
import type { FramedParams } from "../../output/framed_params.ts";

/** A MODE query or change of one channel. `channel` is undefined if the channel has no members. */
export interface ModeRequest {
  readonly target: ConversationLog;
  readonly channel: Channel | undefined;
  readonly source: Source;
  /** Whether the sender may change modes. */
  readonly runs: boolean;
  /** Sends a numeric. */
  answer(code: string, params: FramedParams): void;
  /** Renders the source of an earlier change; for clients, the host is cloaked. */
  display(source: Source): string;
}

const LISTS: Readonly<Record<ListLetter, readonly [row: string, end: string, words: string]>> = {
  b: [RPL_BANLIST, RPL_ENDOFBANLIST, "End of channel ban list"],
  e: [RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST, "End of channel exception list"],
  I: [RPL_INVEXLIST, RPL_ENDOFINVEXLIST, "End of Channel Invite Exception List"],
};

/** Placeholder for a key that is not revealed. */
const HIDDEN_KEY = "*";

/** Sends 324 (RPL_CHANNELMODEIS); the key is included if `inside`. */
export function sendChannelModes({ target, answer }: ModeRequest, inside: boolean): void {
  const { settings } = target;
  const changes: ModeChange[] = [...settings?.flags ?? ""].map((letter) => ({ sign: "+", letter, arg: "" }));
  if (settings !== undefined && settings.key !== "") {
    changes.push({ sign: "+", letter: "k", arg: inside ? settings.key : HIDDEN_KEY });
  }
  if (settings !== undefined && settings.limit > 0) {
    changes.push({ sign: "+", letter: "l", arg: String(settings.limit) });
  }
  const { change, args } = formatChanges(changes);
  const given = args === "" ? [] : args.split(" ");
  answer(RPL_CHANNELMODEIS, frameWords(target.name, change || "+", ...given));
}

/** The outcome of the requested changes, in addition to the numerics that were sent. */
export interface ModeOutcome {
  /** Changes that took effect, as in `+m-l`, with their arguments. */
  readonly done: readonly string[];
  /** Letters that were ignored: the argument is missing, or the line has too many modes with an argument. */
  readonly ignored: string;
}

/** Applies `modes`, as in `+ov-l`. Their arguments are removed from `args`. */
export function changeChannelModes(
  context: HubContext,
  services: Services,
  request: ModeRequest,
  modes: string,
  args: string[],
): ModeOutcome {
  const line = new ModeLine(context, services, request);
  const asked = new Set<string>();
  let sign: "+" | "-" = "+";
  let withArgument = 0;
  let ignored = "";
  for (const letter of modes) {
    if (letter === "+" || letter === "-") {
      sign = letter;
      continue;
    }
    const mode = withArgument > MODES_PER_LINE ? undefined : findMode(context, request, letter, asked);
    if (withArgument > MODES_PER_LINE) ignored += letter;
    if (mode === undefined) continue;
    if (mode.type === "A" && args.length === 0) {
      if (!asked.has(letter)) sendModeList(request, mode.letter);
      asked.add(letter);
      continue;
    }
    if (!request.runs) {
      request.answer(ERR_CHANOPRIVSNEEDED, frameParams([request.target.name, "You're not channel operator"]));
      break;
    }
    const bare = mode.type === "D" || mode.type === "C" && sign === "-";
    if (!bare && ++withArgument > MODES_PER_LINE) {
      ignored += letter;
      continue;
    }
    // "If a type B or C mode does not have a parameter when being set, the server MUST ignore that mode."
    const arg = bare ? "" : args.shift() ?? (letter === "k" && sign === "-" ? HIDDEN_KEY : undefined);
    if (arg === undefined) ignored += letter;
    else line.take(mode, { sign, letter, arg });
  }
  line.end();
  return { done: line.done, ignored };
}

/** The mode `letter`. If the channel does not support it, 472 is sent, once per letter. */
function findMode(
  context: HubContext,
  { target, answer }: ModeRequest,
  letter: string,
  asked: Set<string>,
): ChannelMode | undefined {
  const mode = CHANNEL_MODES.get(letter);
  const barred = isLobby(context, target.name) && FORBIDDEN_LOBBY_MODES.has(letter);
  if (mode !== undefined && !barred) return mode;
  const words = barred
    ? `is not available on ${target.name}, which is open to all users`
    : `is unknown mode char to me for ${target.name}`;
  if (!asked.has(letter)) answer(ERR_UNKNOWNMODE, frameParams([letter, words]));
  asked.add(letter);
  return undefined;
}

function sendModeList({ target, answer, display }: ModeRequest, letter: ListLetter): void {
  const [row, end, words] = LISTS[letter];
  for (const { mask, by, at } of target.settings?.lists[letter] ?? []) {
    answer(row, frameWords(target.name, mask, display(by), Math.floor(at / 1000)));
  }
  answer(end, frameParams([target.name, words]));
}

/**
 * Collects changes into events. A change of the same mode (and argument) as a collected one starts the next event,
 * because it has to be compared with the state after the first one.
 */
class ModeLine {
  #changes: ModeChange[] = [];
  /** The changes of each event. */
  readonly done: string[] = [];

  constructor(readonly context: HubContext, readonly services: Services, readonly request: ModeRequest) {}

  take(mode: ChannelMode, change: ModeChange): void {
    const arg = this.#clean(mode, change);
    if (arg === undefined) return;
    const cleaned = { ...change, arg };
    if (this.#changes.some((each) => isSameChange(mode, each, cleaned))) this.end();
    if (!this.#matters(mode, cleaned)) return;
    if (this.#changes.length > 0 && exceedsLine(this.#event([...this.#changes, cleaned]))) this.end();
    this.#changes.push(cleaned);
  }

  end(): void {
    const changes = this.#changes;
    this.#changes = [];
    if (changes.length === 0) return;
    const event = this.#event(changes);
    commitWithTopicLock(this.context, this.services, event, [this.request.target]);
    this.done.push(`${event.change} ${event.args}`.trimEnd());
  }

  #event(changes: readonly ModeChange[]) {
    const { source, target } = this.request;
    return { kind: "mode", source, channel: target.name, ...formatChanges(changes) } as const;
  }

  /** The argument in its stored form; undefined if it is invalid, which has been reported to the sender. */
  #clean(mode: ChannelMode, { sign, letter, arg }: ModeChange): string | undefined {
    const { target, answer } = this.request;
    if (mode.type === "D" || mode.type === "C" && sign === "-") return "";
    if (mode.type === "B" && sign === "-") return HIDDEN_KEY;
    if (mode.type === "member") return this.#member(sign, letter, arg);
    const cleaned = mode.clean(arg) ?? this.#unbounded(mode, sign, arg);
    if (cleaned === undefined) {
      answer(ERR_INVALIDMODEPARAM, frameParams([target.name, letter, arg, mode.wanted]));
    }
    return cleaned;
  }

  /** Lets a listed mask be removed that was set before masks had these bounds. */
  #unbounded(mode: ChannelMode, sign: "+" | "-", arg: string): string | undefined {
    if (mode.type !== "A" || sign === "+") return undefined;
    const list = this.request.target.settings?.lists[mode.letter] ?? [];
    return list[indexOfMask(list, arg)]?.mask;
  }

  /** The nick of a member; for -o, also the name of an account that the channel remembers as operator. */
  #member(sign: "+" | "-", letter: string, nick: string): string | undefined {
    const { target, channel, answer } = this.request;
    const user = this.context.state.user(nick);
    if (user !== undefined && channel?.members.has(user)) return user.nick;
    const account = this.services.accounts.get(nick);
    if (sign === "-" && letter === "o" && isRememberedOperator(target.settings, account)) {
      return account!.name;
    }
    if (user === undefined) answer(ERR_NOSUCHNICK, frameParams([nick, "No such nick"]));
    else answer(ERR_USERNOTINCHANNEL, frameParams([user.nick, target.name, "They aren't on that channel"]));
    return undefined;
  }

  #isFull(letter: ListLetter): boolean {
    const count = () => this.request.target.settings?.lists[letter].length ?? 0;
    if (count() + this.#changes.length >= MAX_LIST_MASKS) this.end(); // so that the count includes them
    return count() >= MAX_LIST_MASKS;
  }

  /** Whether `change` has an effect. An addition to a full list has none, and 478 is sent. */
  #matters(mode: ChannelMode, { sign, letter, arg }: ModeChange): boolean {
    const { target: { settings, name }, channel, source, answer } = this.request;
    const set = sign === "+";
    switch (mode.type) {
      case "D":
        return (settings?.hasFlag(letter) ?? false) !== set;
      case "B":
        return set ? settings?.key !== arg : (settings?.key ?? "") !== "";
      case "C":
        return set ? settings?.limit !== Number(arg) : (settings?.limit ?? 0) !== 0;
      case "A":
        if (indexOfMask(settings?.lists[mode.letter] ?? [], arg) >= 0) return !set;
        if (!set) return false;
        if (!this.#isFull(mode.letter)) {
          const exempt = this.context.exemptAddresses.has(source.slice(source.lastIndexOf("@") + 1));
          if (this.services.listMemory.add({ mask: arg, by: source }, exempt)) return true;
          answer(
            ERR_BANLISTFULL,
            frameParams([name, letter, "Your address has reached the limit of masks that it may set"]),
          );
          return false;
        }
        answer(
          ERR_BANLISTFULL,
          frameParams([name, letter, `Channel list is full: it has ${MAX_LIST_MASKS} masks`]),
        );
        return false;
      case "member": {
        const user = this.context.state.user(arg);
        const bits = user && channel?.members.get(user);
        return bits === undefined || ((bits & mode.bit) !== 0) !== set;
      }
    }
  }
}

function isSameChange(mode: ChannelMode, a: ModeChange, b: ModeChange): boolean {
  if (a.letter !== b.letter) return false;
  return mode.type !== "A" && mode.type !== "member" || casefold(a.arg) === casefold(b.arg);
}
