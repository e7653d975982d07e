/** The way in: sign in, sign up, confirm the address, or just look at somebody's work. */

import { confirmSignUp, resendCode, signIn, signUp } from "./auth.js";
import { PLAIN, field, form, h, input, link } from "./dom.js";
import { config } from "./http.js";

/** What strangers see first. `refresh` shows the page anew once somebody is signed in. */
export function entrance(refresh) {
  const card = h("section", { class: "card" }, ...signInForm(turn, refresh));
  function turn(...content) {
    card.replaceChildren(...content);
    card.querySelector("input").focus();
  }
  const artist = input("artist", { placeholder: "@handle", autocomplete: "off", ...PLAIN });
  const visit = form("Look", [field("Artist", artist)], (values) => {
    location.hash = `#/@${encodeURIComponent(values.artist.trim().replace(/^@/, ""))}`;
  });
  const welcome = h("div", {},
    h("h1", {}, "Show your work. Refuse AI training."),
    h("p", { class: "lead" },
      "Cara is a portfolio for human artists. The original stays private; ",
      "every copy that is served carries the refusal of AI training, in the file and in each answer. ",
      "A cloak shifts what some image encoders see, by an amount that is measured and shown for each picture."),
    h("h2", {}, "See an artist’s portfolio"),
    visit);
  return [h("div", { class: "entrance" }, welcome, card)];
}

function signInForm(turn, refresh) {
  const rows = [
    field("Name or e-mail", input("username", { autocomplete: "username", ...PLAIN })),
    field("Password", input("password", { type: "password", autocomplete: "current-password" })),
  ];
  const submit = async ({ username, password }) => {
    try {
      await signIn(username.trim(), password);
    } catch (problem) {
      if (problem.code !== "UserNotConfirmedException") throw problem;
      return turn(...(await confirmForm(turn, refresh, username.trim(), password)));
    }
    return refresh();
  };
  const instead = link("Create an account", () => turn(...signUpForm(turn, refresh)));
  return [h("h2", {}, "Sign in"), form("Sign in", rows, submit), instead];
}

function signUpForm(turn, refresh) {
  const pattern = { pattern: "[^\\s@]+", title: "no spaces, no @", maxlength: 128 };
  const name = input("username", { autocomplete: "username", ...pattern, ...PLAIN });
  const rows = [
    field("Name", name, "You sign in with it; your public handle comes next."),
    field("E-mail", input("email", { type: "email", autocomplete: "email" })),
    field("Password", input("password", { type: "password", autocomplete: "new-password", minlength: 10 }),
      "At least 10 characters."),
  ];
  const submit = async ({ username, email, password }) => {
    if (await signUp(username, email, password)) return turn(...(await confirmForm(turn, refresh, username, password)));
    await signIn(username, password);
    return refresh();
  };
  const instead = link("I have an account", () => turn(...signInForm(turn, refresh)));
  return [h("h2", {}, "Create an account"), form("Create account", rows, submit), instead];
}

async function confirmForm(turn, refresh, name, password) {
  const { hostname } = new URL((await config()).auth.endpoint);
  const hint = hostname.endsWith(".amazonaws.com")
    ? "It was sent to your e-mail address."
    : "The local cloud sends no e-mail. Its code is always 123456.";
  const rows = [field("Code", input("code", { inputmode: "numeric", autocomplete: "one-time-code" }), hint)];
  const submit = async ({ code }) => {
    await confirmSignUp(name, code.trim());
    await signIn(name, password);
    return refresh();
  };
  const again = link("Send another code", async ({ target }) => {
    target.textContent = await resendCode(name).then(() => "Sent again", (problem) => problem.message);
  });
  return [h("h2", {}, "Confirm your address"), form("Confirm", rows, submit), again];
}
