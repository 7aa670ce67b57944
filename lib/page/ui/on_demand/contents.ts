/**
 * What the page does not need to log in, to show a conversation and to send: it is loaded once that is done, or as soon
 * as it is asked for (`loading.ts`). All that only these modules import comes with them.
 */
export { listCompletions } from "../../model/completion.ts";
export { addKey, forgetName } from "../../state/key_addition.ts";
export { COMMAND_HINTS, executePageCommand } from "../../state/page_commands.ts";
export { AddBrowser, ForgetName } from "../login/add_browser.tsx";
export { Members } from "./members.tsx";
export { ReactionPicker } from "./reaction_picker.tsx";
export { RoomOffers } from "./room_offers.tsx";
export { SearchPanel } from "./search_panel.tsx";
export { SettingsPanel } from "./settings_panel.tsx";
export { ShortcutList } from "./shortcut_list.tsx";
export { Switcher } from "./switcher.tsx";
