"use strict";

// Redoc's menu shows a logo from its maker's host. This page asks no other host for anything.
const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
const setAttribute = Element.prototype.setAttribute;

function isForeign(address) {
  return new URL(address, location).origin !== location.origin && !address.startsWith("data:");
}

Object.defineProperty(HTMLImageElement.prototype, "src", {
  ...source,
  set(address) {
    if (!isForeign(address)) {
      source.set.call(this, address);
    }
  },
});
HTMLImageElement.prototype.setAttribute = function (name, value) {
  if (name !== "src" || !isForeign(value)) {
    setAttribute.call(this, name, value);
  }
};

const container = document.getElementById("redoc");
Redoc.init(
  container.dataset.schema,
  { theme: { typography: { fontFamily: "sans-serif", headings: { fontFamily: "sans-serif" } } } },
  container,
);
