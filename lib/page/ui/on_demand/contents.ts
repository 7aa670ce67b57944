/**
 * What the page does not need to log in, to show a conversation and to send: it is loaded once that is done, or as soon
 * as it is asked for (`loading.ts`). All that only these modules import comes with them.
 */
export { explainLoginFailure } from "../../state/late/login_failure.ts";
export { goToMessage, loadGap } from "../../state/late/message_places.ts";
export { completeWord } from "../../state/late/known_words.ts";
export { executePageCommand } from "../../state/late/page_commands.ts";
export { AddBrowser, ForgetName } from "../login/add_browser.tsx";
export { RowExtras } from "../row_extras.tsx";
export { Typing } from "../typing.tsx";
export { EmptyConversation } from "./empty_conversation.tsx";
export { LinkedImage } from "./linked_image.tsx";
export { Members } from "./members.tsx";
export { MessageActions } from "./message_actions.tsx";
export { NameForm } from "./name_form.tsx";
export { NotifyQuestion } from "./notify_question.tsx";
export { OfferList } from "./offer_list.tsx";
export { PersonState } from "./person_state.tsx";
export { PlaceKeeper } from "./place_keeper.tsx";
export { Places } from "./places.tsx";
export { ReactionPicker } from "./reaction_picker.tsx";
export { Reference } from "./reference.tsx";
export { SearchPanel } from "./search_panel.tsx";
export { SeekState } from "./seek_state.tsx";
export { SettingsPanel } from "../settings/settings_panel.tsx";
export { ShortcutList } from "../settings/shortcut_list.tsx";
export { Switcher } from "./switcher.tsx";
export { FailureActions } from "./unsent_actions.tsx";
