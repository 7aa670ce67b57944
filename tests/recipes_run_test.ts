/** The commands of docs/cookbook/ and of the pages for people from other programs run, and show what is shown there. */
import { assertEquals } from "@std/assert";
import { IS_RECIPE, PAGES, testPages } from "./readme_run/pages.ts";
import { pureTest } from "./support/test.ts";

const RECIPES = PAGES.filter(({ page }) => IS_RECIPE.test(page));

testPages(RECIPES);

pureTest("recipes: each page has examples", () => {
  assertEquals(RECIPES.length >= 10, true);
  assertEquals(RECIPES.filter(({ blocks }) => blocks.length === 0).map(({ page }) => page), []);
});
