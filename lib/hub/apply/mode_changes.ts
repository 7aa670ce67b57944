/** Applies a recorded MODE to a channel: to its settings and to its members' bits. Called by apply.ts alone. */
import type { EventOf } from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { updateObservers } from "./observer_access.ts";
import { ChannelMask } from "../model/channel_mask.ts";
import { CHANNEL_MODES, OPERATOR, parseChanges } from "../model/channel_modes.ts";
import type { ModeChange } from "../model/channel_modes.ts";
import { rememberOperator } from "./channel_operators.ts";
import type { Channel } from "../model/state/entities.ts";
import { writable } from "./writable.ts";

type ModeEvent = EventOf<"mode">;

export function applyModeChange(
  context: HubContext,
  services: Services,
  event: ModeEvent,
  place: RecordPlace,
): void {
  const channel = context.state.channel(event.channel);
  const target = channel?.conversation ?? services.history.channel(event.channel);
  const masks: ChannelMask[] = [];
  let masksOnly = true;
  const settingChanges: ModeChange[] = [];
  for (const change of parseChanges(event.change, event.args)) {
    const mode = CHANNEL_MODES.get(change.letter);
    if (mode?.type === "member") applyMemberMode(context, services, channel, target, change, mode.bit, place);
    else settingChanges.push(change);
    if (mode?.type === "A") masks.push(new ChannelMask(change.arg));
    else masksOnly = false;
  }
  services.channelSettings.change(target, settingChanges, event.source, place);
  if (channel !== undefined) updateObservers(context, services, channel, masksOnly ? masks : undefined);
}

/**
 * Replays, at start, a mode change newer than the saved settings. The members that the channel had then are gone.
 */
export function replayModeChange(
  context: HubContext,
  services: Services,
  event: ModeEvent,
  place: RecordPlace,
): void {
  const target = services.history.channel(event.channel);
  if (place.seq <= (target.settings?.seq ?? 0)) return;
  const settingChanges: ModeChange[] = [];
  for (const change of parseChanges(event.change, event.args)) {
    if (CHANNEL_MODES.get(change.letter)?.type !== "member") {
      settingChanges.push(change);
      continue;
    }
    // A nick that belonged to an account then was its owner's.
    const account = change.letter === "o" ? services.accounts.get(change.arg) : undefined;
    if (account !== undefined && account.createdAt <= place.time) {
      rememberOperator(context, services, target, account, change.sign === "+", place);
    }
  }
  services.channelSettings.change(target, settingChanges, event.source, place);
}

/** Changes the mode of a member. An absent user's account may still be remembered as an operator. */
function applyMemberMode(
  context: HubContext,
  services: Services,
  channel: Channel | undefined,
  target: ConversationLog,
  { sign, arg }: ModeChange,
  bit: number,
  place: RecordPlace,
): void {
  const user = context.state.user(arg);
  const bits = user && channel?.members.get(user);
  if (bits !== undefined) {
    writable(channel!).setMember(writable(user!), sign === "+" ? bits | bit : bits & ~bit);
  }
  if (bit !== OPERATOR) return;
  const account = bits === undefined ? services.accounts.get(arg) : user!.account;
  if (account !== undefined) rememberOperator(context, services, target, account, sign === "+", place);
}
