/** What people do with each other's work: like it, keep it, talk about it, follow who made it. */

import { api, look } from "./api.js";
import { signedInAs } from "./auth.js";
import { field, form, h, link } from "./dom.js";

const THREAD = 20;

/** A button that does `on.run`, and then undoes it by `off.run`; which of the two comes next, its words tell. */
function toggle(on, off, done) {
  let next = done ? off : on;
  const button = h("button", { type: "button", class: "act" }, done || next.words);
  button.onclick = async () => {
    button.setAttribute("aria-disabled", "true");
    const [doing, other] = next === on ? [on, off] : [off, on];
    try {
      const words = await doing.run();
      next = other;
      button.textContent = words ?? other.words;
    } catch (problem) {
      button.textContent = `${problem.message} Try again`;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  };
  return button;
}

const reaction = (post, kind, words, undo, done) => {
  const path = `/v1/posts/${post.id}/${kind}`;
  return toggle(
    { words, run: async () => void (await api("PUT", path)) },
    { words: undo, run: async () => void (await api("DELETE", path)) },
    done && undo);
};

/** What whoever is signed in did already, which no answer for everyone tells; nothing where that cannot be asked. */
async function done(asked) {
  try {
    return await api("POST", "/v1/viewer_state", asked);
  } catch {
    return { posts: {}, handles: {} }; // doing it once more changes nothing
  }
}

/** Buttons for a published post; nothing for strangers. */
export async function reactions(post, own) {
  if (!signedInAs() || post.state !== "published") return null;
  const { liked, bookmarked, reposted } = (await done({ posts: [post.id] })).posts[post.id] ?? {};
  return h("div", { class: "acts" },
    reaction(post, "like", "Like", "Take the like back", liked),
    reaction(post, "bookmark", "Bookmark", "Remove the bookmark", bookmarked),
    !own && post.visibility === "public" && reaction(post, "repost", "Repost", "Take the repost back", reposted));
}

const ASKED = "Asked to follow: take it back";
const FOLLOWED = "Do not follow any more";

/** A button by which whoever is signed in follows somebody else. */
export async function follow(handle) {
  const path = `/v1/profiles/${encodeURIComponent(handle)}/follow`;
  const { following, requested } = (await done({ handles: [handle] })).handles[handle] ?? {};
  return h("div", { class: "acts" }, toggle(
    {
      words: "Follow",
      run: async () => ((await api("PUT", path))?.state === "requested" ? ASKED : undefined),
    },
    { words: FOLLOWED, run: async () => void (await api("DELETE", path)) },
    (requested && ASKED) || (following && FOLLOWED)));
}

/** The comments on a post, and a form for one's own. */
export async function thread(post, read) {
  const path = `/v1/posts/${post.id}/comments?limit=${THREAD}`;
  const list = h("ul", { class: "plain" });
  const more = link("More comments", () => {});
  const add = (page) => {
    list.append(...(page.pinned ? [comment(page.pinned, read, "Pinned")] : []), ...page.items.map((each) => comment(each, read)));
    more.hidden = !page.next_cursor;
    more.onclick = async () => add(await read(`${path}&cursor=${encodeURIComponent(page.next_cursor)}`));
  };
  const first = await read(path);
  add(first);
  return h("section", { class: "record" },
    h("h2", {}, "Comments"),
    list,
    more,
    signedInAs() && post.comments !== "nobody" && writing(post, list));
}

function writing(post, list) {
  const text = h("textarea", { name: "text", rows: 2, maxlength: 1000, required: true });
  const element = form("Comment", [field("Your comment", text)], async (values) => {
    const made = await api("POST", `/v1/posts/${post.id}/comments`, { text: values.text });
    list.append(comment(made, look));
    text.value = "";
  });
  return element;
}

function comment(said, read, note) {
  const answers = said.answers > 0 && link(`Answers (${said.answers})`, async ({ target }) => {
    const page = await read(`/v1/posts/${said.post_id}/comments?parent_id=${said.id}`);
    target.replaceWith(h("ul", { class: "plain answers" }, page.items.map((each) => comment(each, read))));
  });
  const who = said.author
    ? h("a", { href: `#/@${said.author.handle}` }, said.author.display_name)
    : h("span", { class: "quiet" }, "Somebody");
  return h("li", {},
    h("p", { class: "quiet" }, note && `${note} · `, who, " ", h("time", { datetime: said.created_at }, said.created_at.slice(0, 10))),
    h("p", { class: "prose" }, said.deleted ? "This comment was deleted." : said.text),
    answers);
}
