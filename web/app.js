/** Shows the view that the address names. */

import { signOut, signedInAs } from "./auth.js";
import { h, link } from "./dom.js";
import { discoverView, followedView, latestView, searchView, tagView } from "./found.js";
import { artistView, postView } from "./gallery.js";
import { config } from "./http.js";
import { homeView } from "./studio.js";

const main = document.getElementById("view");
const menu = document.getElementById("menu");
let turn = 0;

async function view() {
  const path = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  const [, handle, all] = /^@([^/]+)(\/all)?$/.exec(path) ?? [];
  const [, place, rest = ""] = /^(posts|tags|search|latest|discover|home)(?:\/(.+))?$/.exec(path) ?? [];
  if (handle) return artistView(handle, Boolean(all));
  if (place === "latest") return latestView();
  if (place === "discover") return discoverView();
  if (place === "home" && signedInAs()) return followedView();
  if (place === "search") return searchView(rest);
  if (place === "tags" && rest) return tagView(rest);
  return place === "posts" && rest ? postView(rest) : homeView(show);
}

/** Shows `content`, or what the address names; the newest call wins. */
async function show(wanted = view()) {
  const mine = ++turn;
  main.ariaBusy = "true";
  let content;
  try {
    content = await wanted;
  } catch (problem) {
    const [title, words] = problem.status === 404
      ? ["Not found", "There is nothing here, or it is not public."]
      : ["This did not work", problem.message];
    content = [h("h1", {}, title), h("p", {}, words), h("p", {}, h("a", { href: "#/" }, "To the start"))];
    if (!("errors" in problem)) console.error(problem);
  }
  if (mine !== turn) return;
  showMenu();
  main.replaceChildren(...content.filter(Boolean));
  main.ariaBusy = "false";
  const heading = main.querySelector("h1");
  document.title = `${heading.textContent} · Cara`;
  heading.tabIndex = -1;
  if (mine > 1) heading.focus(); // on arrival the focus stays where the browser puts it
}

function showMenu() {
  const leave = link("Sign out", () => {
    signOut();
    if (location.hash === "#/") show();
    else location.hash = "#/";
  });
  const name = signedInAs();
  const start = h("a", { href: "#/" }, name ? "Studio" : "Sign in");
  const account = name ? [h("span", { class: "quiet" }, name), leave] : [];
  const found = ["Discover", "Latest", "Search"].map((text) => h("a", { href: `#/${text.toLowerCase()}` }, text));
  if (name) found.unshift(h("a", { href: "#/home" }, "Home"));
  menu.replaceChildren(...found, h("a", { href: "/docs" }, "API"), start, ...account);
}

/** Uploads are taken from one origin alone: the one that pictures have, not another name of the same machine. */
async function atHome() {
  if (location.hostname !== "localhost") return true;
  const { media_base_url: home } = await config();
  if (new URL(home).hostname !== "127.0.0.1") return true;
  location.replace(home + location.pathname + location.hash);
  return false;
}

window.addEventListener("hashchange", () => show());
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the fragment names a view
  main.focus();
});
if (await atHome()) await show();
