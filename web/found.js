/** What can be found without knowing its artist: the latest posts, posts of a tag, search. */

import { api, look } from "./api.js";
import { signedInAs } from "./auth.js";
import { field, form, h, input } from "./dom.js";
import { posts } from "./lists.js";

const PAGE = 24;

/** Whoever is signed in has blocked and muted some, whom only the API leaves out; strangers share one answer. */
const read = (path) => (signedInAs() ? api("GET", path) : look(path));

/** `/#/home`: for whoever is signed in. */
export const followedView = async () => [
  h("h1", {}, "Home"),
  h("p", { class: "quiet" }, "Whom you follow, newest first, and nothing else."),
  ...(await posts(`/v1/feed?limit=${PAGE}`, read, { empty: "Nothing yet. Follow somebody to see their posts here." })),
];

/** `/#/latest` */
export const latestView = async () => [
  h("h1", {}, "Latest"),
  h("p", { class: "quiet" }, "Everything that is public, newest first."),
  ...(await posts(`/v1/latest?limit=${PAGE}`, read, { empty: "Nothing published yet." })),
];

/** `/#/discover` */
export const discoverView = async () => [
  h("h1", {}, "Discover"),
  h("p", { class: "quiet" }, "Artists’ newest posts, dealt in turn: nobody is shown twice before everybody was once."),
  ...(await posts(`/v1/discover?limit=${PAGE}`, read, { empty: "Nothing to discover yet." })),
];

/** `/#/tags/{tag}` */
export const tagView = async (tag) => [
  h("h1", {}, `#${tag}`),
  ...(await posts(`/v1/tags/${encodeURIComponent(tag)}/posts?limit=${PAGE}`, read, { empty: "Nothing with this tag." })),
];

/** `/#/search` and `/#/search/{words}` */
export async function searchView(words) {
  const query = input("q", { type: "search", value: words, maxlength: 200, autocomplete: "off" });
  const ask = form("Search", [field("Words", query)], (values) => {
    location.hash = `#/search/${encodeURIComponent(values.q.trim())}`;
  });
  const path = `/v1/search?limit=${PAGE}&q=${encodeURIComponent(words)}`;
  const found = words ? await posts(path, read, { empty: "Nothing has all of these words." }) : [];
  return [h("h1", {}, words ? `Search: ${words}` : "Search"), h("div", { class: "narrow" }, ask), ...found];
}
