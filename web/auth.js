/** Accounts, by the standard Cognito calls. The session lasts as long as the tab. */

import { Problem, config, fetchJson } from "./http.js";

const KEY = "cara.session";
const SPARE_SECONDS = 60;
const FIELDS = {
  UsernameExistsException: ["username", "This name is taken."],
  AliasExistsException: ["code", "Another account has this e-mail address already."],
  InvalidPasswordException: ["password"],
  CodeMismatchException: ["code", "This is not the code that was sent."],
  ExpiredCodeException: ["code", "This code is no longer valid."],
};

async function cognito(action, parameters) {
  const { auth } = await config();
  const { response, body } = await fetchJson(auth.endpoint, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
    },
    body: JSON.stringify({ ClientId: auth.client_id, ...parameters }),
  });
  if (response.ok) return body;
  const code = String(body?.__type ?? "").split("#").pop();
  const [field, words] = FIELDS[code] ?? [];
  const message = words ?? body?.message ?? "Signing in does not work at the moment.";
  throw new Problem(message, { status: response.status, code, errors: field ? [{ field, message }] : [] });
}

function keep(name, answer, refresh) {
  const result = answer.AuthenticationResult;
  if (!result) throw new Problem("This account needs a further step that this page does not offer.");
  const made = {
    name,
    handle: ownHandle(),
    access: result.AccessToken,
    refresh: result.RefreshToken ?? refresh,
    expires: Date.now() / 1000 + result.ExpiresIn,
  };
  sessionStorage.setItem(KEY, JSON.stringify(made));
}

const session = () => JSON.parse(sessionStorage.getItem(KEY) ?? "null");

export const signedInAs = () => session()?.name ?? null;
export const signOut = () => sessionStorage.removeItem(KEY);

/** The own handle, as far as this tab has asked for it. */
export const ownHandle = () => session()?.handle ?? null;
export function rememberHandle(handle) {
  if (session()) sessionStorage.setItem(KEY, JSON.stringify({ ...session(), handle }));
}

export async function signIn(name, password) {
  const parameters = { USERNAME: name, PASSWORD: password };
  keep(name, await cognito("InitiateAuth", { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: parameters }));
}

/** Returns whether the account must be confirmed by a code before it can sign in. */
export async function signUp(name, email, password) {
  const attributes = [{ Name: "email", Value: email }];
  const answer = await cognito("SignUp", { Username: name, Password: password, UserAttributes: attributes });
  return !answer.UserConfirmed;
}

export const confirmSignUp = (name, code) => cognito("ConfirmSignUp", { Username: name, ConfirmationCode: code });
export const resendCode = (name) => cognito("ResendConfirmationCode", { Username: name });

/** The access token, a fresh one if the old one is about to expire; null for a stranger. */
export async function accessToken() {
  const now = session();
  if (!now || now.expires - SPARE_SECONDS > Date.now() / 1000) return now?.access ?? null;
  try {
    const parameters = { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN: now.refresh } };
    keep(now.name, await cognito("InitiateAuth", parameters), now.refresh);
  } catch (problem) {
    if (problem.status !== 400) throw problem;
    signOut();
  }
  return session()?.access ?? null;
}
