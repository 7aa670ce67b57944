/** What a recorded MODE does to a room: to its settings, and to the bits of its members. Called by apply.ts alone. */
import type { EventOf, Place } from "./event.ts";
import type { Hub } from "./hub.ts";
import type { Target } from "./archive.ts";
import { judgeObservers } from "./room_access.ts";
import { RoomMask } from "./room_mask.ts";
import { changesOf, ROOM_MODES } from "./room_modes.ts";
import type { Change } from "./room_modes.ts";
import { keepOperator, saveSettings, settingsFor } from "./room_settings.ts";
import { OPERATOR } from "./state.ts";
import type { Room } from "./state.ts";

type ModeEvent = EventOf<"mode">;

export function changeRoom(hub: Hub, event: ModeEvent, place: Place): void {
  const room = hub.state.room(event.room);
  const target = room?.target ?? hub.archive.room(event.room);
  const masks: RoomMask[] = [];
  let masksOnly = true;
  for (const change of changesOf(event.change, event.args)) {
    const mode = ROOM_MODES.get(change.letter);
    if (mode?.type === "member") changeMember(hub, room, target, change, mode.bit, place);
    else settingsFor(target).change(change, event.source, place);
    if (mode?.type === "A") masks.push(new RoomMask(change.arg));
    else masksOnly = false;
  }
  saveSettings(hub, target, place);
  if (room !== undefined) judgeObservers(hub, room, masksOnly ? masks : undefined);
}

/** Takes in again after a start what is newer than what was saved. Who was in the room then has gone. */
export function replayChange(hub: Hub, event: ModeEvent, place: Place): void {
  const target = hub.archive.room(event.room);
  if (place.seq <= (target.settings?.seq ?? 0)) return;
  for (const change of changesOf(event.change, event.args)) {
    if (ROOM_MODES.get(change.letter)?.type !== "member") {
      settingsFor(target).change(change, event.source, place);
      continue;
    }
    // A nick that had an account then was that of its owner.
    const account = change.letter === "o" ? hub.accounts.get(change.arg) : undefined;
    if (account !== undefined && account.createdAt <= place.time) {
      keepOperator(hub, target, account, change.sign === "+", place);
    }
  }
  saveSettings(hub, target, place);
}

/** Somebody who is not there may still be remembered as an operator, by the account. */
function changeMember(
  hub: Hub,
  room: Room | undefined,
  target: Target,
  { sign, arg }: Change,
  bit: number,
  place: Place,
): void {
  const user = hub.state.user(arg);
  const bits = user && room?.members.get(user);
  if (bits !== undefined) room!.setMember(user!, sign === "+" ? bits | bit : bits & ~bit);
  if (bit !== OPERATOR) return;
  const account = bits === undefined ? hub.accounts.get(arg) : user!.account;
  if (account !== undefined) keepOperator(hub, target, account, sign === "+", place);
}
