/** The emoji of the picker, with the short names by which they are found and written (`:tada:`). Pure. */

export interface Emoji {
  readonly emoji: string;
  /** The first one is shown. */
  readonly names: readonly [string, ...string[]];
}

export interface EmojiGroup {
  readonly title: string;
  readonly emoji: readonly Emoji[];
}

/** `title: emoji name/name emoji name …`, a group a line. */
const TABLE = `
Reactions: 👍 thumbsup/+1/yes 👎 thumbsdown/-1/no ❤️ heart/love 😂 joy/lol 🎉 tada/party 😮 open_mouth/wow 😢 cry/sad 🙏 pray/thanks 👀 eyes/looking ✅ white_check_mark/done ❌ x/cross ➕ plus 🚀 rocket/ship 🔥 fire/lit 💯 100
Faces: 😀 grinning 😃 smiley 😄 smile 😁 grin 😆 laughing 😅 sweat_smile 🤣 rofl 🙂 slight_smile 🙃 upside_down 😉 wink 😊 blush 😇 innocent 🥰 smiling_hearts 😍 heart_eyes 😘 kissing_heart 😋 yum 😛 tongue 🤪 zany 🤗 hug 🤭 hand_over_mouth 🤫 shush 🤔 thinking/hmm 🤐 zipper 🤨 raised_eyebrow 😐 neutral 😑 expressionless 😏 smirk 🙄 eye_roll 😬 grimace 😌 relieved 😴 sleeping/zzz 😷 mask 🤒 sick 🤯 mind_blown 🥳 partying 😎 cool/sunglasses 🤓 nerd 😕 confused 😟 worried 😳 flushed 🥺 pleading 😨 fearful 😭 sob 😱 scream 😖 confounded 😩 weary 🥱 yawn 😤 triumph 😡 rage/angry 🤬 swearing 😈 imp 💀 skull 💩 poop 🤡 clown 👻 ghost 🤖 robot/bot
Hands: 👋 wave/hello/bye ✋ hand/stop 👌 ok_hand ✌️ victory/peace 🤞 fingers_crossed/luck 🤘 metal/rock 👈 point_left 👉 point_right 👆 point_up 👇 point_down ✊ fist 👊 punch 👏 clap/applause 🙌 raised_hands/hooray 🤝 handshake/deal 💪 muscle/strong 🤷 shrug 🤦 facepalm 🙋 raising_hand/me
Hearts: 🧡 orange_heart 💛 yellow_heart 💚 green_heart 💙 blue_heart 💜 purple_heart 🖤 black_heart 💔 broken_heart
Nature: 🐶 dog 🐱 cat 🦊 fox 🐼 panda 🦄 unicorn 🐢 turtle 🐛 bug 🌱 seedling 🌻 sunflower 🌍 earth/world 🌙 moon ⭐ star ☀️ sun 🌧️ rain ❄️ snow ⚡ zap/lightning 🌈 rainbow
Food: ☕ coffee 🍵 tea 🍺 beer 🍷 wine 🍕 pizza 🍔 burger 🍪 cookie 🎂 cake/birthday 🍎 apple 🍿 popcorn
Things: 💻 laptop/computer 📱 phone 🔧 wrench/fix 🔨 hammer/build 🔒 lock 🔑 key 💡 bulb/idea 📌 pin 📎 paperclip 📝 memo/note 📅 calendar 📈 chart 🔍 search/mag ⏰ alarm/clock ⏳ hourglass/wait 🎁 gift 🏆 trophy/win 🎯 dart/target 🎵 music 📣 mega/announce
Signs: ⚠️ warning ❓ question ❗ exclamation 💤 zzz_sign 🆕 new ♻️ recycle 🔴 red 🟢 green 🟡 yellow 🚧 construction/wip 🏁 finish 🏳️ white_flag
`;

export const EMOJI_GROUPS: readonly EmojiGroup[] = TABLE.trim().split("\n").map((line) => {
  const [title = "", rest = ""] = line.split(": ");
  const words = rest.split(" ");
  const emoji = words.flatMap((word, index): Emoji[] => {
    if (index % 2 === 0) return [];
    const [first = "", ...more] = word.split("/");
    return [{ emoji: words[index - 1]!, names: [first, ...more] }];
  });
  return { title, emoji };
});

const ALL: readonly Emoji[] = EMOJI_GROUPS.flatMap(({ emoji }) => emoji);

/** Whether `text` is one emoji, of the table or not. */
export function isOneEmoji(text: string): boolean {
  return /^\p{RGI_Emoji}$/v.test(text);
}

/**
 * What a picker shows for `query`: for "" those in `used` and then the groups, else what is found; an emoji stands for
 * itself.
 */
export function listForPicker(query: string, used: readonly string[]): readonly EmojiGroup[] {
  if (isOneEmoji(query)) return [{ title: "This one", emoji: [{ emoji: query, names: [query] }] }];
  if (query !== "") return [{ title: "Found", emoji: findEmoji(query) }];
  const nameOf = (wanted: string) => ALL.find(({ emoji }) => emoji === wanted)?.names ?? [wanted] as const;
  const first = used.map((emoji) => ({ emoji, names: nameOf(emoji) }));
  const rest = EMOJI_GROUPS.map(({ title, emoji }) => ({
    title,
    emoji: emoji.filter((each) => !used.includes(each.emoji)),
  }));
  return [{ title: "Most used", emoji: first }, ...rest].filter(({ emoji }) => emoji.length > 0);
}

/** The emoji with a name that begins with `query`, and then those with one that has it; all for "". */
export function findEmoji(query: string): Emoji[] {
  const wanted = query.toLowerCase().replace(/^:|:$/g, "");
  const begins = ALL.filter(({ names }) => names.some((name) => name.startsWith(wanted)));
  const others = ALL.filter((each) =>
    !begins.includes(each) && each.names.some((name) => name.includes(wanted))
  );
  return [...begins, ...others];
}

/** The emoji with that short name, without the colons; undefined: none has it. */
export function findEmojiByName(name: string): string | undefined {
  return ALL.find(({ names }) => names.includes(name.toLowerCase()))?.emoji;
}
