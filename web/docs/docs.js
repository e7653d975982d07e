/** The API's own description in Swagger UI, signed in as whoever is in this tab. */

import { accessToken } from "/auth.js";

const place = document.getElementById("operations");

/** OpenAPI 3.1 as 3.0, which is all that this Swagger UI reads: a null among the types becomes `nullable`. */
function older(node) {
  if (Array.isArray(node)) return node.map(older);
  if (node === null || typeof node !== "object") return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, older(value)]));
  const choices = Array.isArray(copy.anyOf) ? copy.anyOf.filter((choice) => choice.type !== "null") : [];
  if (!choices.length || choices.length === copy.anyOf.length) return copy;
  delete copy.anyOf;
  const rest = choices.length > 1 ? { anyOf: choices } : choices[0].$ref ? { allOf: choices } : choices[0];
  return { ...rest, ...copy, nullable: true };
}

try {
  const answer = await fetch("/v1/openapi.json");
  if (!answer.ok) throw new Error(`It answered ${answer.status}.`);
  const description = await answer.json();
  const token = await accessToken().catch(() => null);
  const ui = window.SwaggerUIBundle({
    domNode: place,
    spec: { ...older(description), openapi: "3.0.3", servers: undefined }, // none: this very origin
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: false,
    validatorUrl: null,
    onComplete: () => token && ui.preauthorizeApiKey("bearer", token),
  });
} catch (error) {
  place.textContent = `The description of the API cannot be read: ${error.message}`;
}
