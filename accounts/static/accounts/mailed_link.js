"use strict";

const form = document.querySelector("form");
const button = form.querySelector("button");
const message = document.getElementById("message");
const token = new URLSearchParams(location.hash.slice(1)).get("token");

function say(text, state) {
  message.textContent = text;
  message.className = state;
}

function sentenceOf(error) {
  const details = Object.values(error.details ?? {}).flat();
  return details.length ? details.join(" ") : error.message;
}

async function send(event) {
  event.preventDefault();
  button.disabled = true;
  say("One moment …", "");
  try {
    const answer = await fetch(form.dataset.call, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...Object.fromEntries(new FormData(form)), token }),
    });
    const { error } = await answer.json();
    if (answer.ok) {
      form.hidden = true;
      history.replaceState(null, "", location.pathname); // the link is spent: nothing to keep in the history
      say(form.dataset.done, "done");
    } else {
      form.hidden = error.code === "INVALID_TOKEN";
      say(sentenceOf(error), "failed");
    }
  } catch {
    say("The server could not be reached. Please try again in a moment.", "failed");
  }
  button.disabled = false;
}

if (token) {
  form.hidden = false;
  form.addEventListener("submit", send);
} else {
  say("This link is not complete. Please open it again from the mail.", "failed");
}
