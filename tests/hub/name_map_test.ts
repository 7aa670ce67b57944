import { assertEquals } from "@std/assert";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { makeSkeletons } from "../../lib/irc/names/skeleton.ts";
import { NameMap } from "../../lib/hub/model/name_map.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const NAMES = [
  "ace",
  "Ace",
  "асе",
  "АСЕ",
  "aсe",
  "Ian",
  "lan",
  "ian",
  "ӏan",
  "bob",
  "b0b",
  "σ",
  "ς",
  "о",
  "o",
  "O",
  "ο",
];

function namesWithout(names: ReadonlyMap<string, string>, name: string): string[] {
  const looks = (each: string) => [casefold(each), ...makeSkeletons(each)];
  return [...names].filter(([folded, each]) =>
    folded !== casefold(name) && looks(each).some((look) => looks(name).includes(look))
  ).map(([folded]) => folded).sort();
}

pureTest(
  "NameMap: after any changes it finds the look-alikes that going through all names finds",
  () =>
    forAll(200, (random) => {
      const [map, names] = [new NameMap<string>((name) => name), new Map<string, string>()];
      for (let step = 0; step < 40; step++) {
        const name = random.pick(NAMES);
        if (random.chance(3)) assertEquals(map.delete(casefold(name)), names.delete(casefold(name)));
        else {
          map.set(casefold(name), name);
          names.set(casefold(name), name);
        }
        const asked = random.pick(NAMES);
        const found = [...new Set(map.lookalikes(asked))].map(casefold).sort();
        assertEquals(found, namesWithout(names, asked), asked);
        assertEquals([...map], [...names]);
      }
    }),
);
